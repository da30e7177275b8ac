#include "common/fibers/scheduler.hpp"

#include <boost/asio/post.hpp>
#include <boost/fiber/operations.hpp>
#include <utility>

#include "common/channel/parking.hpp"

namespace rendezvous::fibers {
namespace asio = boost::asio;
using boost::fibers::context;

namespace {

bool is_dispatcher(const context* fiber) {
    return fiber->is_context(boost::fibers::type::dispatcher_context);
}

}  // namespace

scheduler::scheduler(std::shared_ptr<asio::io_context> io)
    : io_(std::move(io)), work_(io_->get_executor()) {}

void scheduler::awakened(context* fiber) noexcept {
    if (is_dispatcher(fiber))
        dispatcher_ = fiber;
    else
        fiber->ready_link(ready_);
}

context* scheduler::pick_next() noexcept {
    const bool look = ++picks_ >= picks_between_polls;
    if (look && is_dispatcher(context::active())) {
        picks_ = 0;
        io_->poll();
    }
    if (dispatcher_ && (look || ready_.empty())) return std::exchange(dispatcher_, nullptr);
    if (ready_.empty()) return nullptr;  // to the dispatcher, who will wait
    context* const next = &ready_.front();
    ready_.pop_front();
    return next;
}

void scheduler::suspend_until(const std::chrono::steady_clock::time_point& deadline) noexcept {
    picks_ = 0;
    if (deadline == std::chrono::steady_clock::time_point::max())
        io_->run_one();
    else
        io_->run_one_until(deadline);
}

void scheduler::notify() noexcept {
    asio::post(*io_, [] {});
}

std::shared_ptr<asio::io_context> use_fibers() {
    auto io = std::make_shared<asio::io_context>(1);
    boost::fibers::use_scheduling_algorithm<scheduler>(io);
    plain_thread = false;  // when a fiber waits for a channel, the others go on
    return io;
}

}  // namespace rendezvous::fibers

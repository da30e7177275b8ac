#include "common/fibers/scheduler.hpp"

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
    context* const next = first_in_line();
    if (next != nullptr) exceptions_.switch_to(next);
    return next;
}

context* scheduler::first_in_line() noexcept {
    const bool look = ++picks_ >= picks_between_polls;
    if (look && is_dispatcher(context::active())) {
        picks_ = 0;
        io_->restart();  // after a stop() in notify(), poll() would do nothing
        io_->poll();
    }
    if (dispatcher_ && (look || ready_.empty())) return std::exchange(dispatcher_, nullptr);
    if (ready_.empty()) return nullptr;  // to the dispatcher, which then waits
    context* const next = &ready_.front();
    ready_.pop_front();
    return next;
}

// The order matters: if a notification comes after we have looked at the flag, its stop() comes
// after our restart(), so run_one() returns at once.
void scheduler::suspend_until(const std::chrono::steady_clock::time_point& deadline) noexcept {
    picks_ = 0;
    io_->restart();
    if (notified_)
        io_->poll();
    else if (deadline == std::chrono::steady_clock::time_point::max())
        io_->run_one();
    else
        io_->run_one_until(deadline);
    notified_ = false;  // the dispatcher takes over the fibers that other threads woke
}

void scheduler::notify() noexcept {
    if (!notified_.exchange(true)) io_->stop();
}

std::shared_ptr<asio::io_context> use_fibers() {
    auto io = std::make_shared<asio::io_context>(1);
    boost::fibers::use_scheduling_algorithm<scheduler>(io);
    plain_thread = false;  // when a fiber waits for a channel, the others go on
    return io;
}

}  // namespace rendezvous::fibers

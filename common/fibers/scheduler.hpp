// When no fiber can run, wait for I/O: Boost.Fiber on Boost.Asio, one io_context a thread.
#pragma once
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/fiber/algo/algorithm.hpp>
#include <boost/fiber/context.hpp>
#include <boost/fiber/scheduler.hpp>
#include <memory>

namespace rendezvous::fibers {

// A scheduling algorithm for Boost.Fiber: fibers run in the order in which they became ready, and
// its idle hook *is* the event loop, so nobody calls io_context::run().  Boost.Fiber gives each
// thread a dispatcher, a fiber that picks who is next when nobody else does.  Asio's handlers run
// on the dispatcher only, never beside the fiber that they wake.  That is why `use_fiber` needs no
// lock. Ours does not queue among the others, but runs when nobody else can, and now and then: a
// turn of it between any two fibers would cost as much as the two.
class scheduler final : public boost::fibers::algo::algorithm {
public:
    // It owns a share of the io_context, because a thread's scheduler dies among its last
    // thread-local variables, after main's.
    explicit scheduler(std::shared_ptr<boost::asio::io_context> io);

    void awakened(boost::fibers::context* fiber) noexcept override;
    boost::fibers::context* pick_next() noexcept override;
    bool has_ready_fibers() const noexcept override { return !ready_.empty(); }

    // Nobody can run: waits for I/O until `deadline`, or until somebody can.
    void suspend_until(const std::chrono::steady_clock::time_point& deadline) noexcept override;

    // Another thread has made one of our fibers ready: ends the wait.
    void notify() noexcept override;

private:
    // Fibers that keep each other busy must not starve the sockets: so often they look away.
    static constexpr unsigned picks_between_polls = 64;

    std::shared_ptr<boost::asio::io_context> io_;
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
    boost::fibers::scheduler::ready_queue_type ready_;
    boost::fibers::context* dispatcher_ = nullptr;  // while it does not run
    unsigned picks_ = 0;                            // since the last look at the sockets
};

// Makes the calling thread a thread of fibers, and returns the io_context on which they wait.  To
// be called once, before the thread's first fiber starts.
std::shared_ptr<boost::asio::io_context> use_fibers();

}  // namespace rendezvous::fibers

// When no fiber is ready, wait for I/O: Boost.Fiber on Boost.Asio, one io_context per thread.
#pragma once
#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/fiber/algo/algorithm.hpp>
#include <boost/fiber/context.hpp>
#include <boost/fiber/scheduler.hpp>
#include <memory>

#include "common/fibers/exceptions.hpp"

namespace rendezvous::fibers {

// A scheduling algorithm for Boost.Fiber.  Fibers run in the order in which they became ready.  The
// idle hook *is* the event loop, so no code calls io_context::run().
//
// Boost.Fiber gives each thread a dispatcher: a fiber that takes over the fibers that other threads
// have woken, and those whose time has come, and runs the next one.  Asio's handlers run on the
// dispatcher only, never beside the fiber that they wake; that is why `use_fiber` needs no lock.
// Boost.Fiber would queue the dispatcher among the others.  Ours stays out of the queue: it runs
// only when no fiber is ready, and once every 64 picks so that the sockets are not starved.  A turn
// of it between any two fibers would cost as much as the two.
class scheduler final : public boost::fibers::algo::algorithm {
public:
    // To be made by the thread that it schedules.  Shares the io_context, because a thread's
    // scheduler is destroyed among its last thread-local variables, after main() has returned.
    explicit scheduler(std::shared_ptr<boost::asio::io_context> io);

    void awakened(boost::fibers::context* fiber) noexcept override;
    boost::fibers::context* pick_next() noexcept override;
    bool has_ready_fibers() const noexcept override { return !ready_.empty(); }

    // No fiber is ready: waits for I/O until `deadline`, or until another thread notifies us.
    void suspend_until(const std::chrono::steady_clock::time_point& deadline) noexcept override;

    // Another thread has woken one of our fibers: ends the wait, or keeps the next one from
    // beginning.  Allocates nothing.  Any thread may call it.
    void notify() noexcept override;

private:
    boost::fibers::context* first_in_line() noexcept;

    // Fibers that keep each other busy must not starve the sockets.
    static constexpr unsigned picks_between_polls = 64;

    std::shared_ptr<boost::asio::io_context> io_;
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
    boost::fibers::scheduler::ready_queue_type ready_;
    boost::fibers::context* dispatcher_ = nullptr;  // while it does not run
    unsigned picks_ = 0;                            // since the last look at the sockets
    exceptions_by_fiber exceptions_;

    // Another thread has woken a fiber of ours, and the dispatcher may not have taken it over yet.
    // Only suspend_until() clears it: the dispatcher may not wait before it has looked again.
    std::atomic<bool> notified_{false};
};

// Makes the calling thread a thread of fibers, and returns the io_context on which they wait.  Call
// it once, before the thread's first fiber starts.
std::shared_ptr<boost::asio::io_context> use_fibers();

}  // namespace rendezvous::fibers

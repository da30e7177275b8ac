// Tasks of all kinds, and settle(), which waits until no other task can run, instead of a sleep.
#pragma once
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <boost/fiber/fiber.hpp>
#include <boost/fiber/fixedsize_stack.hpp>
#include <boost/fiber/operations.hpp>
#include <boost/fiber/protected_fixedsize_stack.hpp>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <ostream>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include "common/channel/channel.hpp"
#include "common/fibers/address_sanitizer.hpp"

namespace rendezvous::testing {

// The default policy, with a count of the tasks that wait.  A task counts as waiting from the
// moment when its case records are published until a peer has claimed it or its deadline has
// passed.  When its thread gets back to a processor makes no difference.
struct counted : default_policy {
    inline static std::atomic<int> waiting{0};

    struct parker : default_policy::parker {
        using default_policy::parker::parker;
        bool wake() noexcept {
            const bool claimed = default_policy::parker::wake();
            if (claimed) --waiting;
            return claimed;
        }
    };
    static void waits(const auto&, detail::time_point) noexcept { ++waiting; }
    static void timeout(const auto&) noexcept { --waiting; }
};

// What kind of task go() starts.
enum class kind {
    threads,           // plain threads; the test's own thread is one, too
    fibers,            // fibers on the test's thread
    unmarked_threads,  // threads that do not set plain_thread: each waits as its main fiber
    mixed,             // by turns a plain thread, and a fiber on the test's thread
};

inline std::string to_string(kind k) {
    switch (k) {
        case kind::threads:
            return "Threads";
        case kind::fibers:
            return "Fibers";
        case kind::unmarked_threads:
            return "UnmarkedThreads";
        case kind::mixed:
            return "Mixed";
    }
    return "?";
}

inline void PrintTo(kind k, std::ostream* out) { *out << to_string(k); }

// A test that runs once with each kind of task.
class Tasks : public ::testing::TestWithParam<kind> {
protected:
    template <class T>
    using channel = basic_channel<T, counted>;

    Tasks() { plain_thread = GetParam() == kind::threads; }
    ~Tasks() override {
        join();
        plain_thread = false;
    }

    // Starts a task.  join() joins it, or else the end of the test does.
    template <class F>
    void go(F f) {
        ++running_;
        auto run = [this, f = std::move(f)]() mutable {
            f();
            --running_;
        };
        const bool turn = std::exchange(next_is_a_fiber_, !next_is_a_fiber_);
        if (GetParam() == kind::fibers || (GetParam() == kind::mixed && turn)) {
            fibers_.emplace_back(std::allocator_arg, stack(64 * 1024), std::move(run));
        } else {
            threads_.emplace_back([run = std::move(run)]() mutable {
                plain_thread = GetParam() != kind::unmarked_threads;
                run();
            });
        }
    }

    // Returns when all tasks that have not returned wait for a channel.
    void settle() {
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
        while (counted::waiting != running_) {
            yield();
            if (std::chrono::steady_clock::now() < deadline) continue;
            std::fprintf(stderr, "settle: of %d tasks, %d still run\n", running_.load(),
                         running_ - counted::waiting);
            std::abort();
        }
    }

    // Returns when all tasks have returned.
    void join() {
        for (auto& fiber : fibers_) fiber.join();  // first, because threads may wait for fibers
        for (auto& thread : threads_) thread.join();
        fibers_.clear();
        threads_.clear();
    }

    static void yield() {
        if (!plain_thread) boost::this_fiber::yield();
        std::this_thread::yield();
    }

    static bool on_one_thread() { return GetParam() == kind::fibers; }

private:
    // A fiber's last frame never returns, so AddressSanitizer still believes in that frame when
    // another fiber's stack is mapped at the same address.  It notices when a stack on the heap is
    // freed.
    using stack = std::conditional_t<fibers::with_address_sanitizer, boost::fibers::fixedsize_stack,
                                     boost::fibers::protected_fixedsize_stack>;

    std::atomic<int> running_{0};
    bool next_is_a_fiber_ = false;
    std::vector<boost::fibers::fiber> fibers_;
    std::vector<std::thread> threads_;
};

inline const auto every_kind =
    ::testing::Values(kind::threads, kind::fibers, kind::unmarked_threads, kind::mixed);
inline const auto kind_name = [](const auto& info) { return to_string(info.param); };

}  // namespace rendezvous::testing

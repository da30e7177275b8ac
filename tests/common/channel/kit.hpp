// Tasks of all kinds, and "until nobody else can run" instead of sleeping.
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
#include <utility>
#include <vector>

#include "common/channel/channel.hpp"

namespace rendezvous::testing {

// The default policy, and a count of those who wait.  A task counts as waiting from the moment
// when its cases are public until somebody has won it or its time is up, and not only once its
// thread is back on a processor.
struct counted : default_policy {
    inline static std::atomic<int> waiting{0};

    struct parker : default_policy::parker {
        using default_policy::parker::parker;
        bool wake() noexcept {
            const bool won = default_policy::parker::wake();
            if (won) --waiting;
            return won;
        }
    };
    static void waits(const auto&, detail::time_point) noexcept { ++waiting; }
    static void timeout(const auto&) noexcept { --waiting; }
};

// What the tasks of a test are, besides the one that runs the test.
enum class kind {
    threads,    // plain threads, the test's own among them
    fibers,     // fibers on the test's thread
    strangers,  // threads that nobody has told what they are: each waits as a fiber of its own
    mixed,      // by turns a plain thread, and a fiber on the test's thread
};

inline std::string to_string(kind k) {
    switch (k) {
        case kind::threads:
            return "Threads";
        case kind::fibers:
            return "Fibers";
        case kind::strangers:
            return "Strangers";
        case kind::mixed:
            return "Mixed";
    }
    return "?";
}

inline void PrintTo(kind k, std::ostream* out) { *out << to_string(k); }

// A test that is run once with each kind of task.
class Tasks : public ::testing::TestWithParam<kind> {
protected:
    template <class T>
    using channel = basic_channel<T, counted>;  // the default one, counted

    Tasks() { plain_thread = GetParam() == kind::threads; }
    ~Tasks() override {
        join();
        plain_thread = false;
    }

    // Starts a task.  It is joined at the end of the test, or by join().
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
                plain_thread = GetParam() != kind::strangers;
                run();
            });
        }
    }

    // Returns when all tasks that are still there wait for a channel.
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
        for (auto& fiber : fibers_) fiber.join();  // first: the threads may wait for them
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
#if defined(__SANITIZE_ADDRESS__)
    // A fiber's last frame never returns, so AddressSanitizer goes on to believe in it when another
    // fiber's stack is mapped at the same address.  On the heap it learns that the stack has gone.
    using stack = boost::fibers::fixedsize_stack;
#else
    using stack = boost::fibers::protected_fixedsize_stack;
#endif

    std::atomic<int> running_{0};
    bool next_is_a_fiber_ = false;
    std::vector<boost::fibers::fiber> fibers_;
    std::vector<std::thread> threads_;
};

inline const auto every_kind =
    ::testing::Values(kind::threads, kind::fibers, kind::strangers, kind::mixed);
inline const auto kind_name = [](const auto& info) { return to_string(info.param); };

}  // namespace rendezvous::testing

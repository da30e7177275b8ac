#include "common/fibers/scheduler.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <boost/asio.hpp>
#include <boost/fiber/operations.hpp>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <new>
#include <thread>
#include <vector>

#include "common/channel/channel.hpp"
#include "common/fibers/fiber.hpp"
#include "common/fibers/use_fiber.hpp"
#include "tests/common/fibers/on_fibers.hpp"

using namespace std::chrono_literals;
using namespace rendezvous;
using namespace rendezvous::fibers;
namespace asio = boost::asio;
namespace this_fiber = boost::this_fiber;

namespace {

thread_local int allocations = 0;  // of this thread

}  // namespace

// Not inline, or GCC takes malloc() and operator delete for a pair that does not match.
[[gnu::noinline]] void* operator new(std::size_t size) {
    ++allocations;
    if (void* const memory = std::malloc(size)) return memory;
    throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

// Asio's way to memory.
extern "C" [[gnu::noinline]] void* aligned_alloc(std::size_t alignment, std::size_t size) noexcept {
    ++allocations;
    void* memory = nullptr;
    return ::posix_memalign(&memory, alignment, size) == 0 ? memory : nullptr;
}

namespace {

double processor_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

}  // namespace

TEST(Scheduler, RunsFibersInTheOrderInWhichTheyBecameReady) {
    on_fibers([](auto) {
        std::vector<int> order;
        std::vector<fiber> all;
        for (int i = 0; i < 5; ++i)
            all.emplace_back("counter", [&order, i] {
                order.push_back(i);
                this_fiber::yield();
                order.push_back(10 + i);
            });
        for (auto& one : all) one.join();
        EXPECT_EQ(order, (std::vector{0, 1, 2, 3, 4, 10, 11, 12, 13, 14}));
    });
}

TEST(Scheduler, SleepsUntilTheDeadline) {
    on_fibers([](auto) {
        const auto start = std::chrono::steady_clock::now();
        this_fiber::sleep_for(20ms);
        EXPECT_GE(std::chrono::steady_clock::now() - start, 20ms);
    });
}

TEST(Scheduler, SleepingFibersWakeInTheOrderOfTheirDeadlines) {
    on_fibers([](auto) {
        std::vector<int> order;
        fiber late("late", [&] { this_fiber::sleep_for(40ms), order.push_back(2); });
        fiber early("early", [&] { this_fiber::sleep_for(10ms), order.push_back(1); });
        late.join();
        early.join();
        EXPECT_EQ(order, (std::vector{1, 2}));
    });
}

TEST(Scheduler, UsesNoProcessorTimeWhileNoFiberIsReady) {
    on_fibers([](auto io) {
        asio::steady_timer timer(*io, 300ms);
        const auto before = processor_seconds();
        timer.async_wait(use_fiber);
        EXPECT_LT(processor_seconds() - before, 0.1);
    });
}

// With any number of busy fibers: every 64th pick must be made by the dispatcher, or lead to it.
TEST(Scheduler, BusyFibersDoNotStarveTheSockets) {
    for (int busy = 1; busy <= 9; ++busy)
        on_fibers([busy](auto io) {
            bool done = false;
            std::vector<fiber> all;
            for (int i = 0; i < busy; ++i)
                all.emplace_back("busy", [&] {
                    while (!done) this_fiber::yield();
                });
            asio::steady_timer timer(*io, 1ms);
            timer.async_wait(use_fiber);  // completes only if the dispatcher polls
            done = true;
            for (auto& one : all) one.join();
        });
}

TEST(Scheduler, AnotherThreadEndsTheWait) {
    on_fibers([](auto) {
        channel<int> numbers;
        std::thread sender([&] {
            for (int i = 0; i < 1000; ++i) numbers.send(i);
            numbers.close();
        });
        int expected = 0;
        for (const int number : numbers) EXPECT_EQ(number, expected++);
        EXPECT_EQ(expected, 1000);
        sender.join();
    });
}

// The dispatcher takes over the fibers that other threads have woken, then picks, then waits.  Here
// another thread wakes a fiber exactly between the first step and the last: while the handler runs
// that the dispatcher's own poll() has found.  The dispatcher polls only at every 64th pick; one of
// these numbers of yields makes that a pick at which no fiber is ready.
TEST(Scheduler, WakeUpBetweenTheCheckAndTheWaitIsNotLost) {
    bool lost = false;
    for (int yields = 0; yields <= 2 * 64 && !lost; ++yields)
        on_fibers([&](auto io) {
            channel<int> numbers;
            std::atomic<bool> polling{false}, sent{false};
            std::thread sender([&] {
                plain_thread = true;
                while (!polling) std::this_thread::yield();
                numbers.send(1);
                sent = true;
            });
            asio::steady_timer rescue(*io, 10s);  // ends a wait that nothing else would end
            rescue.async_wait([&](boost::system::error_code ec) { lost |= !ec; });

            for (int i = 0; i < yields; ++i) this_fiber::yield();
            asio::post(*io, [&] {
                polling = true;
                while (!sent) std::this_thread::yield();
            });
            numbers.receive();
            rescue.cancel();
            sender.join();
            EXPECT_FALSE(lost) << "after " << yields << " yields";
        });
}

TEST(Scheduler, NotificationDoesNotAllocate) {
    scheduler notified(std::make_shared<asio::io_context>(1));
    const auto notify = [&] {
        const int before = allocations;
        notified.notify();
        EXPECT_EQ(allocations, before);
    };
    std::thread(notify).join();
    notified.suspend_until(std::chrono::steady_clock::time_point::max());  // ends at once
    notify();
    notified.suspend_until(std::chrono::steady_clock::time_point::max());
}

TEST(Scheduler, NotificationEndsOneWaitOnly) {
    scheduler notified(std::make_shared<asio::io_context>(1));
    notified.notify();
    notified.suspend_until(std::chrono::steady_clock::time_point::max());
    const auto deadline = std::chrono::steady_clock::now() + 20ms;
    notified.suspend_until(deadline);
    EXPECT_GE(std::chrono::steady_clock::now(), deadline);
}

// notify() stops the loop; the busy fibers never let the dispatcher wait.
TEST(Scheduler, NotificationDoesNotKeepBusyFibersFromTheSockets) {
    on_fibers([](auto io) {
        channel<int> numbers;
        std::atomic<bool> receiver_waits{false};
        std::thread sender([&] {
            plain_thread = true;
            while (!receiver_waits) std::this_thread::yield();
            numbers.send(1);
        });
        bool done = false;
        fiber busy("busy", [&] {
            receiver_waits = true;  // or we would not run
            while (!done) this_fiber::yield();
        });
        numbers.receive();
        asio::steady_timer timer(*io, 1ms);
        timer.async_wait(use_fiber);
        done = true;
        busy.join();
        sender.join();
    });
}

TEST(Scheduler, TwoThreadsOfFibersTalkThroughAChannel) {
    channel<int> there, back;
    std::thread echo([&] {
        on_fibers([&](auto) {
            for (const int number : there) back.send(number);
            back.close();
        });
    });
    on_fibers([&](auto) {
        fiber sender("sender", [&] {
            for (int i = 0; i < 1000; ++i) there.send(i);
            there.close();
        });
        int expected = 0;
        for (const int number : back) EXPECT_EQ(number, expected++);
        EXPECT_EQ(expected, 1000);
        sender.join();
    });
    echo.join();
}

TEST(Scheduler, SelectWithADeadlineLetsTheLoopWait) {
    on_fibers([](auto) {
        channel<int> silent;
        bool timed_out = false;
        const auto start = std::chrono::steady_clock::now();
        select(on_receive(silent, [](int) {}), after(20ms, [&] { timed_out = true; }));
        EXPECT_TRUE(timed_out);
        EXPECT_GE(std::chrono::steady_clock::now() - start, 20ms);
    });
}

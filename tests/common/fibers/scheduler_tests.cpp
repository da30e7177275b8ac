#include <gtest/gtest.h>

#include <boost/asio.hpp>
#include <boost/fiber/operations.hpp>
#include <chrono>
#include <ctime>
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

TEST(Scheduler, SleepsAsLongAsItIsTold) {
    on_fibers([](auto) {
        const auto start = std::chrono::steady_clock::now();
        this_fiber::sleep_for(20ms);
        EXPECT_GE(std::chrono::steady_clock::now() - start, 20ms);
    });
}

TEST(Scheduler, FibersThatSleepWakeInTheOrderOfTheirDeadlines) {
    on_fibers([](auto) {
        std::vector<int> order;
        fiber late("late", [&] { this_fiber::sleep_for(40ms), order.push_back(2); });
        fiber early("early", [&] { this_fiber::sleep_for(10ms), order.push_back(1); });
        late.join();
        early.join();
        EXPECT_EQ(order, (std::vector{1, 2}));
    });
}

TEST(Scheduler, UsesNoProcessorTimeWhileNobodyCanRun) {
    on_fibers([](auto io) {
        asio::steady_timer timer(*io, 300ms);
        const auto before = processor_seconds();
        timer.async_wait(use_fiber);
        EXPECT_LT(processor_seconds() - before, 0.1);
    });
}

// Whether one busy fiber or many: some pick by the dispatcher must find that it is time to look.
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
            timer.async_wait(use_fiber);  // comes back only if somebody looks
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

TEST(Scheduler, ASelectWithATimeOutLetsTheLoopWait) {
    on_fibers([](auto) {
        channel<int> silent;
        bool timed_out = false;
        const auto start = std::chrono::steady_clock::now();
        select(on_receive(silent, [](int) {}), after(20ms, [&] { timed_out = true; }));
        EXPECT_TRUE(timed_out);
        EXPECT_GE(std::chrono::steady_clock::now() - start, 20ms);
    });
}

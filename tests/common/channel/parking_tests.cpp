// The default policy, piece by piece.
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <barrier>
#include <chrono>
#include <cstddef>
#include <string>
#include <thread>
#include <type_traits>
#include <vector>

#include "common/channel/channel.hpp"

using namespace std::chrono_literals;

namespace rendezvous::testing {
namespace {

// Each test parks once as a plain thread, and once as a thread that has not set `plain_thread`: the
// main fiber of that thread parks then.
class Parking : public ::testing::TestWithParam<bool> {
protected:
    Parking() { plain_thread = GetParam(); }
    ~Parking() override { plain_thread = false; }
};
std::string as_what(const ::testing::TestParamInfo<bool>& plain) {
    return plain.param ? "Thread" : "Fiber";
}
INSTANTIATE_TEST_SUITE_P(As, Parking, ::testing::Bool(), as_what);

TEST_P(Parking, WakeBeforeParkIsNotLost) {
    default_policy::parker parker(detail::no_deadline);
    std::thread([&] { EXPECT_TRUE(parker.wake()); }).join();
    parker.park();
}

TEST_P(Parking, OneOfManyWakersClaims) {
    constexpr int wakers = 3;
    constexpr int rounds = 2'000;
    default_policy::parker* parker = nullptr;
    std::atomic<int> claims = 0;
    std::barrier begin(wakers + 1), end(wakers + 1);
    std::vector<std::thread> threads;
    for (int w = 0; w < wakers; ++w) {
        threads.emplace_back([&] {
            for (int i = 0; i < rounds; ++i) {
                begin.arrive_and_wait();
                if (parker->wake()) ++claims;
                end.arrive_and_wait();
            }
        });
    }
    int wrong = 0;  // rounds in which not exactly one waker claimed
    for (int i = 0; i < rounds; ++i) {
        default_policy::parker mine(i % 2 == 0 ? detail::no_deadline : default_policy::now() + 1h);
        parker = &mine;
        begin.arrive_and_wait();
        mine.park();
        end.arrive_and_wait();
        wrong += claims.exchange(0) != 1;
    }
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(wrong, 0) << "so many of " << rounds
                        << " parkers were claimed by two wakers, or by none";
}

TEST_P(Parking, DeadlineEndsThePark) {
    const auto deadline = default_policy::now() + 2ms;
    default_policy::parker parker(deadline);
    parker.park();
    EXPECT_GE(default_policy::now(), deadline);
}

TEST_P(Parking, PassedDeadlineEndsTheParkAtOnce) {
    default_policy::parker parker(default_policy::now() - 1h);
    parker.park();
}

TEST(DefaultPolicy, LockExcludesOtherThreads) {
    detail::spin_lock lock;
    int count = 0;
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
        threads.emplace_back([&] {
            for (int i = 0; i < 20'000; ++i) {
                lock.lock();
                ++count;
                lock.unlock();
            }
        });
    }
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(count, 80'000);
}

TEST(DefaultPolicy, LabelKeepsNoName) {
    static_assert(std::is_empty_v<default_policy::label>);
    channel<int> named("entering"), bounded(8, "outgoing");
    EXPECT_EQ(named.capacity(), 0U);
    EXPECT_EQ(bounded.capacity(), 8U);
}

TEST(DefaultPolicy, RandomChoicesAreFairAndDifferBetweenThreads) {
    std::array<int, 7> counts{};
    for (int i = 0; i < 70'000; ++i) ++counts.at(default_policy::choose(counts.size()));
    for (const int count : counts) EXPECT_NEAR(count, 10'000, 650);  // seven standard deviations

    const auto sample = [] {
        std::vector<std::size_t> choices(64);
        for (auto& choice : choices) choice = default_policy::choose(2);
        return choices;
    };
    std::vector<std::size_t> here = sample(), there;
    std::thread([&] { there = sample(); }).join();
    EXPECT_NE(here, there);
}

}  // namespace
}  // namespace rendezvous::testing

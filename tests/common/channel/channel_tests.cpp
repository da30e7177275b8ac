// What a channel guarantees, in the terms of the Go specification.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <memory>
#include <numeric>
#include <optional>
#include <string>
#include <vector>

#include "common/channel/channel.hpp"
#include "tests/common/channel/kit.hpp"

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::Eq;
using ::testing::IsEmpty;
using ::testing::Optional;

namespace rendezvous::testing {
namespace {

class Channel : public Tasks {};
INSTANTIATE_TEST_SUITE_P(On, Channel, every_kind, kind_name);

std::vector<int> numbers(std::size_t n) {
    std::vector<int> all(n);
    std::iota(all.begin(), all.end(), 0);
    return all;
}

TEST_P(Channel, SendBlocksUntilTheValueIsReceived) {
    channel<int> c;
    bool sent = false;
    go([&] {
        c.send(7);
        sent = true;
    });
    settle();
    EXPECT_FALSE(sent);
    EXPECT_THAT(c.receive(), Optional(7));
    join();
    EXPECT_TRUE(sent);
}

TEST_P(Channel, ReceiveBlocksUntilAValueIsSent) {
    channel<int> c;
    std::optional<int> received;
    go([&] { received = c.receive(); });
    settle();
    EXPECT_EQ(received, std::nullopt);
    c.send(7);
    join();
    EXPECT_THAT(received, Optional(7));
}

TEST_P(Channel, SendBlocksOnlyWhileTheBufferIsFull) {
    channel<int> c(2);
    c.send(0);
    c.send(1);
    bool sent = false;
    go([&] {
        c.send(2);
        sent = true;
    });
    settle();
    EXPECT_FALSE(sent);
    EXPECT_THAT(c.receive(), Optional(0));
    join();
    EXPECT_TRUE(sent);
    EXPECT_THAT(c.receive(), Optional(1));
    EXPECT_THAT(c.receive(), Optional(2));
}

TEST_P(Channel, ValuesArriveInTheOrderInWhichTheyWereSent) {
    for (const std::size_t capacity : {0U, 1U, 3U, 100U}) {
        channel<int> c(capacity);
        go([&] {
            for (const int i : numbers(50)) c.send(i);
            c.close();
        });
        std::vector<int> received;
        for (const int i : c) received.push_back(i);
        EXPECT_EQ(received, numbers(50)) << "capacity " << capacity;
        join();
    }
}

TEST_P(Channel, SendersAreServedInOrderOfArrival) {
    channel<int> c;
    for (const int i : numbers(8)) {
        go([&c, i] { c.send(i); });
        settle();
    }
    for (const int i : numbers(8)) EXPECT_THAT(c.receive(), Optional(i));
    join();
}

TEST_P(Channel, ReceiversAreServedInOrderOfArrival) {
    channel<int> c;
    std::array<std::optional<int>, 8> received;
    for (auto& r : received) {
        go([&c, &r] { r = c.receive(); });
        settle();
    }
    for (const int i : numbers(8)) c.send(i);
    join();
    for (const int i : numbers(8))
        EXPECT_THAT(received.at(static_cast<std::size_t>(i)), Optional(i));
}

TEST_P(Channel, FreedSlotGoesToTheOldestSender) {
    channel<int> c(1);
    c.send(0);
    for (const int i : {1, 2}) {
        go([&c, i] { c.send(i); });
        settle();
    }
    EXPECT_THAT(c.receive(), Optional(0));
    EXPECT_EQ(c.size(), 1U) << "the freed slot was left empty";
    EXPECT_FALSE(c.try_send(3)) << "the newcomer overtook the waiting senders";
    EXPECT_THAT(c.receive(), Optional(1));
    EXPECT_THAT(c.receive(), Optional(2));
    join();
}

TEST_P(Channel, TrySendSucceedsOnlyIfAReceiverWaits) {
    channel<int> c;
    EXPECT_FALSE(c.try_send(6));
    std::optional<int> received;
    go([&] { received = c.receive(); });
    settle();
    EXPECT_TRUE(c.try_send(7));
    EXPECT_FALSE(c.try_send(8)) << "the receiver has its value already";
    join();
    EXPECT_THAT(received, Optional(7));
}

TEST_P(Channel, TrySendFillsTheBuffer) {
    channel<int> c(2);
    EXPECT_TRUE(c.try_send(0));
    EXPECT_TRUE(c.try_send(1));
    EXPECT_FALSE(c.try_send(2));
    EXPECT_THAT(c.receive(), Optional(0));
    EXPECT_TRUE(c.try_send(3));
}

TEST_P(Channel, TrySendMovesTheValueOnlyIfItSendsIt) {
    channel<std::unique_ptr<int>> c(1);
    auto first = std::make_unique<int>(1);
    auto second = std::make_unique<int>(2);
    EXPECT_TRUE(c.try_send(std::move(first)));
    EXPECT_FALSE(c.try_send(std::move(second)));
    EXPECT_EQ(first, nullptr);
    ASSERT_NE(second, nullptr);
    EXPECT_EQ(*second, 2);
    c.close();
    EXPECT_THROW(c.try_send(std::move(second)), closed_channel);
    EXPECT_NE(second, nullptr);
}

TEST_P(Channel, TrySendCopiesAnLvalue) {
    channel<std::string> c(1);
    const std::string greeting = "hello";
    EXPECT_TRUE(c.try_send(greeting));
    EXPECT_THAT(c.receive(), Optional(greeting));
}

TEST_P(Channel, TryReceiveDistinguishesEmptyFromClosed) {
    channel<int> c(1);
    EXPECT_FALSE(c.try_receive());
    EXPECT_FALSE(c.try_receive().closed());
    c.send(7);
    c.close();
    auto last = c.try_receive();
    ASSERT_TRUE(last);
    EXPECT_EQ(*last, 7);
    EXPECT_FALSE(last.closed());
    EXPECT_FALSE(c.try_receive());
    EXPECT_TRUE(c.try_receive().closed());
}

TEST_P(Channel, TryReceiveTakesTheValueOfAWaitingSender) {
    channel<std::string> c;
    go([&] { c.send("hello"); });
    settle();
    auto value = c.try_receive();
    ASSERT_TRUE(value);
    EXPECT_EQ(value->size(), 5U);
    EXPECT_FALSE(c.try_receive());
    join();
}

TEST_P(Channel, ReceiveDrainsAClosedChannelAndThenReportsItsEnd) {
    channel<int> c(2);
    c.send(0);
    c.send(1);
    c.close();
    EXPECT_THAT(c.receive(), Optional(0));
    EXPECT_THAT(c.receive(), Optional(1));
    EXPECT_EQ(c.receive(), std::nullopt);
    EXPECT_EQ(c.receive(), std::nullopt);
}

TEST_P(Channel, CloseWakesAllReceivers) {
    channel<int> c;
    std::array<std::optional<int>, 5> received;
    received.fill(-1);
    for (auto& r : received) go([&c, &r] { r = c.receive(); });
    settle();
    c.close();
    join();
    EXPECT_THAT(received, Each(Eq(std::nullopt)));
}

TEST_P(Channel, CloseMakesAllWaitingSendersThrow) {
    channel<int> c(1);
    c.send(0);
    std::array<bool, 5> thrown{};
    for (auto& t : thrown) {
        go([&c, &t] {
            try {
                c.send(1);
            } catch (const closed_channel&) {
                t = true;
            }
        });
    }
    settle();
    c.close();
    join();
    EXPECT_THAT(thrown, Each(true));
    EXPECT_THAT(c.receive(), Optional(0)) << "a value that was in the buffer is gone";
    EXPECT_EQ(c.receive(), std::nullopt) << "a send that threw was received";
}

TEST_P(Channel, SendOnAClosedChannelThrows) {
    for (const std::size_t capacity : {0U, 1U}) {
        channel<int> c(capacity);
        c.close();
        EXPECT_THROW(c.send(1), closed_channel);
        EXPECT_THROW(c.try_send(1), closed_channel);
        EXPECT_EQ(c.receive(), std::nullopt);
    }
}

TEST_P(Channel, SecondCloseThrows) {
    channel<int> c;
    c.close();
    EXPECT_THROW(c.close(), closed_channel);
}

TEST_P(Channel, RangeForEndsWhenTheChannelIsClosedAndEmpty) {
    channel<std::unique_ptr<int>> c(2);
    go([&] {
        for (const int i : numbers(5)) c.send(std::make_unique<int>(i));
        c.close();
    });
    std::vector<std::unique_ptr<int>> kept;
    for (auto& value : c) kept.push_back(std::move(value));
    ASSERT_EQ(kept.size(), 5U);
    for (const int i : numbers(5)) EXPECT_EQ(*kept.at(static_cast<std::size_t>(i)), i);
    for ([[maybe_unused]] auto& value : c) FAIL() << "the channel has ended";
    join();
}

TEST_P(Channel, SizeCountsTheValuesInTheBuffer) {
    channel<int> c(3);
    EXPECT_EQ(c.capacity(), 3U);
    EXPECT_EQ(c.size(), 0U);
    c.send(1);
    c.send(2);
    EXPECT_EQ(c.size(), 2U);
    c.receive();
    EXPECT_EQ(c.size(), 1U);

    channel<int> direct;
    EXPECT_EQ(direct.capacity(), 0U);
    go([&] { direct.send(1); });
    settle();
    EXPECT_EQ(direct.size(), 0U) << "the value of a waiting sender was counted";
    direct.receive();
    join();
}

// A value that counts its moves.
struct counter_of_moves {
    int moves = 0;
    counter_of_moves() = default;
    counter_of_moves(counter_of_moves&& other) noexcept : moves(other.moves + 1) {}
    counter_of_moves& operator=(counter_of_moves&& other) noexcept {
        moves = other.moves + 1;
        return *this;
    }
};

TEST_P(Channel, HandoffMovesTheValueOnce) {
    channel<counter_of_moves> c;
    go([&] { c.send(counter_of_moves()); });
    settle();
    EXPECT_EQ(c.receive()->moves, 1) << "where the sender waited";

    std::optional<int> moves;
    go([&] { moves = c.receive()->moves; });
    settle();
    c.send(counter_of_moves());
    join();
    EXPECT_THAT(moves, Optional(1)) << "where the receiver waited";
}

TEST_P(Channel, ChannelCarriesChannels) {
    struct question {
        int number;
        std::shared_ptr<channel<int>> answer;
    };
    channel<question> questions;
    go([&] {
        for (const auto& q : questions) q.answer->send(q.number * q.number);
    });
    for (const int i : numbers(10)) {
        const auto answer = std::make_shared<channel<int>>();
        questions.send({i, answer});
        EXPECT_THAT(answer->receive(), Optional(i * i));
    }
    questions.close();
    join();
}

TEST_P(Channel, PrimeSieveFindsThePrimes) {
    // The Go specification's example: "A complete example program".
    using numbers_channel = channel<int>;
    std::vector<std::unique_ptr<numbers_channel>> filters;
    const auto add = [&]() -> numbers_channel& {
        return *filters.emplace_back(std::make_unique<numbers_channel>());
    };
    const auto send_all = [](numbers_channel& out, auto next) {
        try {
            while (const std::optional<int> i = next()) out.send(*i);
        } catch (const closed_channel&) {  // the test has its primes
        }
    };
    go([send_all, &out = add()] {
        send_all(out, [i = 2]() mutable { return std::optional(i++); });
    });
    std::vector<int> primes;
    const std::size_t wanted = on_one_thread() ? 200 : 25;
    while (primes.size() < wanted) {
        numbers_channel& in = *filters.back();
        const int prime = in.receive().value();
        primes.push_back(prime);
        go([send_all, prime, &in, &out = add()] {
            send_all(out, [&] {
                std::optional<int> i;
                do {
                    i = in.receive();
                } while (i && *i % prime == 0);
                return i;
            });
        });
    }
    for (auto& c : filters) c->close();
    EXPECT_EQ(primes.back(), on_one_thread() ? 1223 : 97);
    join();
}

#if defined(__SANITIZE_THREAD__)
// ThreadSanitizer does not notice that a fiber has ended: it keeps the fiber's last frames, and has
// room for 65,536 frames per thread.
constexpr int many_fibers = 1'000;
#else
constexpr int many_fibers = 10'000;
#endif

TEST_P(Channel, ChainOfManyTasksPassesAValueOn) {
    const int length = on_one_thread() ? many_fibers : 200;
    std::vector<std::unique_ptr<channel<int>>> links;
    links.push_back(std::make_unique<channel<int>>());
    for (int i = 0; i < length; ++i) {
        auto& left = *links.back();
        auto& right = *links.emplace_back(std::make_unique<channel<int>>());
        go([&] { left.send(right.receive().value() + 1); });
    }
    links.back()->send(0);
    EXPECT_THAT(links.front()->receive(), Optional(length));
    join();
}

TEST_P(Channel, ReceiverMayDestroyTheChannelOnceItHasSeenTheEnd) {
    // The closer may still be in close() when the receiver, which owns the channel, destroys it.
    channel<channel<int>*> to_close(1);
    go([&] {
        for (auto* c : to_close) {
            c->send(1);
            c->close();
        }
    });
    for (int i = 0; i < 2'000; ++i) {
        auto mine = std::make_unique<channel<int>>(static_cast<std::size_t>(i % 2));
        to_close.send(mine.get());
        while (mine->receive()) {}
        mine.reset();
    }
    to_close.close();
    join();
}

}  // namespace
}  // namespace rendezvous::testing

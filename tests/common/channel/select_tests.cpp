// What `select` guarantees, in the terms of the Go specification.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "common/channel/channel.hpp"
#include "tests/common/channel/kit.hpp"

using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::Ge;
using ::testing::Le;
using ::testing::Optional;

namespace rendezvous::testing {
namespace {

class Select : public Tasks {};
INSTANTIATE_TEST_SUITE_P(On, Select, every_kind, kind_name);

const auto unexpected = [](const auto&...) { FAIL() << "this case should not have fired"; };
const auto no_value = [](int) { FAIL() << "the channel had no value"; };

TEST_P(Select, OnlyTheReadyCaseFires) {
    for (const std::size_t ready : {0U, 1U, 2U}) {
        std::array<channel<int>, 3> c{channel<int>(1), channel<int>(1), channel<int>(1)};
        c.at(ready).send(7);
        std::array<int, 3> got{};
        EXPECT_TRUE(select(on_receive(c[0], [&](int i) { got[0] = i; }),
                           on_receive(c[1], [&](int i) { got[1] = i; }),
                           on_receive(c[2], [&](int i) { got[2] = i; })));
        std::array<int, 3> expected{};
        expected.at(ready) = 7;
        EXPECT_EQ(got, expected);
    }
}

TEST_P(Select, SendIsReadyIfTheBufferHasRoomOrAReceiverWaits) {
    channel<int> full, room(1);
    bool sent = false;
    select(on_send(full, 1, unexpected), on_send(room, 2, [&] { sent = true; }));
    EXPECT_TRUE(sent);
    EXPECT_THAT(room.receive(), Optional(2));

    std::optional<int> received;
    go([&] { received = full.receive(); });
    settle();
    select(on_send(full, 3), otherwise(unexpected));
    join();
    EXPECT_THAT(received, Optional(3));
}

TEST_P(Select, OtherwiseFiresOnlyIfNoCaseIsReady) {
    channel<int> c(1);
    bool other = false;
    EXPECT_TRUE(select(on_receive(c, unexpected), otherwise([&] { other = true; })));
    EXPECT_TRUE(other);
    c.send(7);
    for (int i = 0; i < 100; ++i) {
        select(on_receive(c), otherwise(unexpected));
        select(on_send(c, 7), otherwise(unexpected));
    }
}

TEST_P(Select, SelectWithOtherwiseLeavesNoRecordBehind) {
    channel<int> c;
    select(on_receive(c), otherwise());
    EXPECT_FALSE(c.try_send(1)) << "the record of the receive is still in the queue";
    select(on_send(c, 1), otherwise());
    EXPECT_FALSE(c.try_receive()) << "the record of the send is still in the queue";
}

TEST_P(Select, OtherwiseAloneFires) {
    bool other = false;
    EXPECT_TRUE(select(otherwise([&] { other = true; })));
    EXPECT_TRUE(other);
}

TEST_P(Select, NullChannelIsNeverReady) {
    channel<int>* const none = nullptr;
    channel<int> c(1);
    for (int i = 0; i < 100; ++i) {
        bool sent = false;
        select(on_receive(none, unexpected), on_send(none, 1, unexpected),
               on_send(c, 1, [&] { sent = true; }));
        EXPECT_TRUE(sent);
        c.receive();
    }
    bool other = false;
    select(on_receive(none, unexpected), otherwise([&] { other = true; }));
    EXPECT_TRUE(other);
    bool late = false;
    select(on_send(none, 1, unexpected), after(1ms, [&] { late = true; }));
    EXPECT_TRUE(late);
}

TEST_P(Select, SelectReturnsFalseOnceAChannelIsClosedAndEmpty) {
    channel<std::string> messages(2);
    channel<int> other;
    messages.send("a");
    messages.send("b");
    messages.close();
    std::vector<std::string> heard;
    const auto once = [&] {
        return select(on_receive(messages, [&](std::string m) { heard.push_back(std::move(m)); }),
                      on_receive(other, unexpected));
    };
    EXPECT_TRUE(once());
    EXPECT_TRUE(once());
    EXPECT_FALSE(once());
    EXPECT_FALSE(once());
    EXPECT_THAT(heard, ElementsAre("a", "b"));
}

TEST_P(Select, HandlerThatTakesAnOptionalSeesTheEnd) {
    channel<int> c(1);
    c.send(7);
    c.close();
    std::vector<std::optional<int>> seen;
    const auto once = [&] {
        return select(on_receive(c, [&](std::optional<int> v) { seen.push_back(v); }));
    };
    EXPECT_TRUE(once());
    EXPECT_FALSE(once());
    EXPECT_THAT(seen, ElementsAre(Optional(7), std::nullopt));
}

TEST_P(Select, CloseWakesASelectThatReceives) {
    channel<int> a, b;
    bool result = true;
    go([&] { result = select(on_receive(a, no_value), on_receive(b, no_value)); });
    settle();
    b.close();
    join();
    EXPECT_FALSE(result);
}

TEST_P(Select, CloseMakesASelectThatSendsThrow) {
    channel<int> a, b;
    bool thrown = false;
    go([&] {
        try {
            select(on_receive(a, unexpected), on_send(b, 1, unexpected));
        } catch (const closed_channel&) {
            thrown = true;
        }
    });
    settle();
    b.close();
    join();
    EXPECT_TRUE(thrown);
    EXPECT_FALSE(a.try_send(1)) << "the record of the other case is still in the queue";
}

TEST_P(Select, SendOnAClosedChannelThrowsEvenWithOtherwise) {
    channel<int> c(1);
    c.close();
    EXPECT_THROW(select(on_send(c, 1, unexpected), otherwise(unexpected)), closed_channel);
    EXPECT_THROW(select(on_send(c, 1, unexpected), after(1h, unexpected)), closed_channel);
}

TEST_P(Select, OneCaseFiresAndTheOthersLeaveNoRecordBehind) {
    channel<int> a, b, c;
    int fired = 0;
    go([&] {
        select(on_receive(a, [&](int) { ++fired; }), on_receive(b, [&](int) { ++fired; }),
               on_send(c, 1, [&] { ++fired; }));
    });
    settle();
    b.send(2);
    EXPECT_FALSE(a.try_send(1));
    EXPECT_FALSE(b.try_send(2));
    EXPECT_FALSE(c.try_receive());
    join();
    EXPECT_EQ(fired, 1);
    EXPECT_FALSE(a.try_send(1));
    EXPECT_FALSE(b.try_send(2));
    EXPECT_FALSE(c.try_receive());
}

TEST_P(Select, LosingSendKeepsItsValue) {
    channel<std::string> a(1), b;
    std::string to_a = "for a, and too long for the small string's buffer";
    std::string to_b = "for b, and too long for the small string's buffer";
    const std::string copy = to_b;
    select(on_send(a, std::move(to_a)), on_send(b, std::move(to_b)));
    EXPECT_EQ(to_b, copy) << "the select lost while it tried";

    std::string again = copy;  // a is full by now
    go([&] { select(on_send(a, std::move(again)), on_send(b, "b")); });
    settle();
    EXPECT_THAT(b.receive(), Optional(std::string("b")));
    join();
    EXPECT_EQ(again, copy) << "the select lost while it waited";
}

TEST_P(Select, SelectCopiesAnLvalueThatItSends) {
    channel<std::string> c(1);
    std::string greeting = "hello";
    select(on_send(c, greeting));
    EXPECT_EQ(greeting, "hello");
    EXPECT_THAT(c.receive(), Optional(greeting));
}

TEST_P(Select, SendWakesOneOfSeveralSelects) {
    channel<int> a, b;
    std::atomic<int> fired = 0;
    for (int i = 0; i < 3; ++i)
        go([&] {
            select(on_receive(a, [&](int) { ++fired; }), on_receive(b, [&](int) { ++fired; }));
        });
    settle();
    a.send(1);
    settle();
    EXPECT_EQ(fired, 1);
    b.send(1);
    settle();
    EXPECT_EQ(fired, 2);
    a.send(1);
    join();
    EXPECT_EQ(fired, 3);
}

TEST_P(Select, TwoSelectsMeetOnEitherOfTheirChannels) {
    channel<int> a, b;
    const int rounds = 2'000;
    std::array<int, 2> sent{}, received{};
    go([&] {
        for (int i = 0; i < rounds; ++i)
            select(on_send(a, i, [&] { ++sent[0]; }), on_send(b, i, [&] { ++sent[1]; }));
    });
    for (int i = 0; i < rounds; ++i) {
        const auto count = [i](int& where) {
            return [&where, i](int j) {
                EXPECT_EQ(i, j);
                ++where;
            };
        };
        select(on_receive(b, count(received[1])), on_receive(a, count(received[0])));
    }
    join();
    EXPECT_EQ(sent, received);
}

TEST_P(Select, SelectsThatBothSendAndReceiveMeetEachOther) {
    // Go's test/chan/doubleselect.go and select3.go, in one.
    channel<int> c;
    const int rounds = 2'000;
    std::atomic<int> sent = 0, received = 0;
    for (int r = 0; r < 2; ++r) {
        go([&] {
            for (int i = 0; i < rounds; ++i)
                select(on_send(c, i, [&] { ++sent; }), on_receive(c, [&](int) { ++received; }));
        });
    }
    join();
    EXPECT_EQ(sent, rounds);
    EXPECT_EQ(received, rounds);
}

TEST_P(Select, SelectDoesNotMeetItself) {
    channel<int> c;
    bool other = false;
    select(on_send(c, 1, unexpected), on_receive(c, unexpected), otherwise([&] { other = true; }));
    EXPECT_TRUE(other);

    std::optional<int> received;
    go([&] { select(on_send(c, 1, unexpected), on_receive(c, [&](int i) { received = i; })); });
    settle();
    c.send(2);
    join();
    EXPECT_THAT(received, Optional(2));
}

// Each of `of` things happened about equally often.  The bound is six and a half standard
// deviations, which fair choices exceed once in ten billion runs.
MATCHER_P2(IsFair, rounds, of, "") {
    const double p = 1.0 / of;
    const double bound = 6.5 * std::sqrt(rounds * p * (1 - p));
    for (const int count : arg)
        if (std::abs(count - rounds * p) > bound) return false;
    return true;
}

TEST_P(Select, SelectChoosesEvenlyAmongReadyCases) {
    channel<int> a(1), b(1), c(1);
    for (auto* ready : {&a, &b, &c}) ready->send(0);
    std::array<int, 3> fired{};
    const int rounds = 6'000;
    for (int i = 0; i < rounds; ++i) {
        select(on_receive(a, [&](int) { ++fired[0], a.send(0); }),
               on_receive(b, [&](int) { ++fired[1], b.send(0); }),
               on_receive(c, [&](int) { ++fired[2], c.send(0); }));
    }
    EXPECT_THAT(fired, IsFair(rounds, 3));
}

TEST_P(Select, SelectChoosesEvenlyAmongCasesThatWaitForOneChannel) {
    channel<int> c;
    std::array<int, 3> fired{};
    const int rounds = 3'000;
    go([&] {
        for (int i = 0; i < rounds; ++i) {
            select(on_receive(c, [&](int) { ++fired[0]; }), on_receive(c, [&](int) { ++fired[1]; }),
                   on_receive(c, [&](int) { ++fired[2]; }));
        }
    });
    for (int i = 0; i < rounds; ++i) {
        settle();  // the select waits
        c.send(i);
    }
    join();
    EXPECT_THAT(fired, IsFair(rounds, 3));
}

TEST_P(Select, AfterFiresIfNoOtherCaseDoes) {
    channel<int> c;
    bool late = false;
    const auto start = std::chrono::steady_clock::now();
    EXPECT_TRUE(select(on_receive(c, unexpected), on_send(c, 1, unexpected),
                       after(3ms, [&] { late = true; })));
    EXPECT_GE(std::chrono::steady_clock::now() - start, 3ms);
    EXPECT_TRUE(late);
    EXPECT_FALSE(c.try_send(1)) << "the record of the receive is still in the queue";
    EXPECT_FALSE(c.try_receive()) << "the record of the send is still in the queue";
}

TEST_P(Select, AfterAloneSleeps) {
    const auto start = std::chrono::steady_clock::now();
    select(after(2ms));
    EXPECT_GE(std::chrono::steady_clock::now() - start, 2ms);
}

TEST_P(Select, EarliestAfterFires) {
    channel<int> c;
    bool late = false;
    select(after(1h, unexpected), on_receive(c, unexpected), after(1ms, [&] { late = true; }),
           after(std::chrono::hours::max(), unexpected));
    EXPECT_TRUE(late);
}

TEST_P(Select, ReadyCaseBeatsADelayOfZero) {
    channel<int> c(1);
    for (int i = 0; i < 100; ++i) {
        c.send(i);
        select(on_receive(c), after(0ms, unexpected));
        select(on_send(c, i), after(-1h, unexpected));
        c.receive();
    }
    bool late = false;
    select(on_receive(c, unexpected), after(-1h, [&] { late = true; }));
    EXPECT_TRUE(late);
}

TEST_P(Select, ValueThatArrivesInTimeCancelsTheTimeout) {
    channel<int> c;
    std::optional<int> received;
    go([&] { select(on_receive(c, [&](int i) { received = i; }), after(1h, unexpected)); });
    settle();
    c.send(7);
    join();
    EXPECT_THAT(received, Optional(7));
}

TEST_P(Select, OtherTasksRunWhileOneWaitsForADeadline) {
    channel<int> c;
    go([&] {
        for (int i = 0; i < 10; ++i) c.send(i);
    });
    go([&] {
        for (int i = 0; i < 10; ++i) EXPECT_THAT(c.receive(), Optional(i));
    });
    select(after(2ms));
    join();
}

TEST_P(Select, ExceptionInAHandlerLeavesTheChannelsClean) {
    channel<int> a(1), b;
    a.send(1);
    const auto fail = [](const auto&...) { throw std::runtime_error("handler"); };
    EXPECT_THROW(select(on_receive(a, fail), on_receive(b, unexpected)), std::runtime_error);
    EXPECT_TRUE(a.try_send(2)) << "the select left a unusable";
    EXPECT_FALSE(b.try_send(2)) << "a record is still in the queue of b";
    EXPECT_THROW(select(on_receive(b, unexpected), otherwise(fail)), std::runtime_error);
    EXPECT_THROW(select(on_receive(b, unexpected), after(1ms, fail)), std::runtime_error);
    EXPECT_FALSE(b.try_send(2)) << "a record is still in the queue of b";
    EXPECT_EQ(a.size(), 1U);
}

TEST_P(Select, HandlerMayUseTheChannels) {
    channel<int> a(2), b(2);
    a.send(1);
    int sum = 0;
    select(on_receive(a,
                      [&](int i) {
                          a.send(i + 1);
                          b.send(i + 2);
                          select(on_receive(a, [&](int j) { sum += j; }));
                          select(on_receive(b, [&](int j) { sum += j; }),
                                 on_receive(a, unexpected));
                          a.close();
                      }),
           on_receive(b, unexpected));
    EXPECT_EQ(sum, 2 + 3);
}

TEST_P(Select, CasesMayCarryDifferentTypes) {
    channel<std::unique_ptr<int>> pointers(1);
    channel<std::string> lines(1);
    channel<bool> flags(1);
    pointers.send(std::make_unique<int>(7));
    std::string heard;
    const auto once = [&] {
        select(on_receive(pointers, [&](std::unique_ptr<int> p) { heard += std::to_string(*p); }),
               on_receive(lines, [&](const std::string& line) { heard += line; }),
               on_receive(flags, [&](auto flag) { heard += *flag ? "true" : "false"; }));
    };
    once();
    lines.send("line");
    once();
    flags.send(true);
    once();
    EXPECT_EQ(heard, "7linetrue");
}

}  // namespace
}  // namespace rendezvous::testing

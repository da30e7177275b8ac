// The rules of docs/inside-select.md, in its order.  without.py takes each rule out of a copy of
// the channel and runs its test, which must fail then.  (The last two rules are in
// parking_tests.cpp.)
#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "common/channel/channel.hpp"
#include "tests/common/channel/staged.hpp"

using namespace std::chrono_literals;

namespace rendezvous::testing {
namespace {

class Rule : public Staged {};

// A channel.

TEST_F(Rule, SecondTaskCompletesTheHandoff) {
    channel c("c");
    staged::forget();
    staged::while_parked = [&] { c.send(7); };
    EXPECT_EQ(c.receive(), 7);
    EXPECT_EQ(staged::events, (strings{"waits: receive c", "handed 7 from self to waiter on c",
                                       "fired: send c of 1", "fired: receive c of 1"}));

    staged::forget();
    std::optional<int> received;
    staged::while_parked = [&] { received = c.receive(); };
    c.send(8);
    EXPECT_EQ(received, 8);
    EXPECT_EQ(staged::events, (strings{"waits: send c", "handed 8 from waiter to self on c",
                                       "fired: receive c of 1", "fired: send c of 1"}));
}

TEST_F(Rule, WaitersAreServedInOrderOfArrival) {
    channel c("c");
    staged::while_parked = [&] {
        staged::while_parked = [&] {
            c.send(1);
            c.send(2);
        };
        EXPECT_EQ(c.receive(), 2);
    };
    EXPECT_EQ(c.receive(), 1);

    staged::while_parked = [&] {
        staged::while_parked = [&] {
            EXPECT_EQ(c.receive(), 1);
            EXPECT_EQ(c.receive(), 2);
        };
        c.send(2);
    };
    c.send(1);
}

TEST_F(Rule, FreedSlotGoesToTheOldestSender) {
    channel c(1, "c");
    c.send(1);
    staged::forget();
    staged::while_parked = [&] { c.receive(); };
    c.send(2);
    EXPECT_EQ(staged::events,
              (strings{"waits: send c", "took 1 out of c", "put 2 from waiter into c",
                       "fired: receive c of 1", "fired: send c of 1"}));
}

TEST_F(Rule, CloseWakesEveryWaiter) {
    channel c("c");
    staged::while_parked = [&] {
        staged::while_parked = [&] { c.close(); };
        EXPECT_EQ(c.receive(), std::nullopt);
    };
    EXPECT_EQ(c.receive(), std::nullopt);

    channel d("d");
    staged::while_parked = [&] {
        staged::while_parked = [&] { d.close(); };
        EXPECT_THROW(d.send(1), closed_channel);
    };
    EXPECT_THROW(d.send(2), closed_channel);
}

// Many channels, one task.

TEST_F(Rule, PeerCannotComeBetweenTryingAndPublishing) {
    // A sender arrives as soon as no lock is held.
    channel c("c");
    staged::when_unlocked = [&] { EXPECT_TRUE(c.try_send(7)) << "no receiver is queued yet"; };
    EXPECT_EQ(c.receive(), 7);
}

TEST_F(Rule, SelectLocksItsChannelsInOneOrder) {
    channel b(1, "b"), c(1, "c"), a(1, "a");
    staged::forget();
    select(on_receive(c), on_receive(a), on_receive(b), otherwise());
    EXPECT_EQ(staged::locked, (strings{"a", "b", "c"}));
}

TEST_F(Rule, SelectLocksEachChannelOnce) {
    channel a(1, "a"), b(1, "b");
    staged::forget();
    select(on_receive(b), on_receive(a), on_send(b, 1), on_receive(a), otherwise());
    EXPECT_EQ(staged::locked, (strings{"a", "b"}));
}

TEST_F(Rule, RandomChoiceDecidesWhichReadyCaseFires) {
    channel a(1, "a"), b(1, "b"), c(1, "c");
    for (const std::size_t choice : {0U, 1U, 2U}) {
        for (auto* ready : {&a, &b, &c}) static_cast<void>(ready->try_send(7));
        staged::forget();
        staged::next_choices = {choice};
        std::array<bool, 3> fired{};
        select(on_receive(a, [&](int) { fired[0] = true; }),
               on_receive(b, [&](int) { fired[1] = true; }),
               on_receive(c, [&](int) { fired[2] = true; }));
        EXPECT_TRUE(fired.at(choice));
        EXPECT_EQ(staged::choices_of, (std::vector<std::size_t>{3}));
    }
}

TEST_F(Rule, RandomChoiceDecidesWhichCaseQueuesFirst) {
    channel c("c");
    for (const std::size_t choice : {0U, 1U, 2U}) {
        staged::forget();
        staged::next_choices = {choice, 1};
        staged::while_parked = [&] { c.send(7); };
        std::array<bool, 3> fired{};
        select(on_receive(c, [&](int) { fired[0] = true; }),
               on_receive(c, [&](int) { fired[1] = true; }),
               on_receive(c, [&](int) { fired[2] = true; }));
        EXPECT_TRUE(fired.at(choice));
        EXPECT_EQ(staged::choices_of, (std::vector<std::size_t>{3, 2}));
    }
}

// In this scene `staged` checks what the next three rules promise, whenever the task parks,
// releases a lock, or touches a queue.
void receive_what_a_peer_sends_during_the_park() {
    basic_channel<int, staged> a("a"), b("b");
    std::optional<int> received;
    staged::while_parked = [&] { b.send(7); };
    select(on_receive(a, unexpected), on_receive(b, [&](int i) { received = i; }));
    EXPECT_EQ(received, 7);
}

TEST_F(Rule, TaskParksWithNoLockHeld) { receive_what_a_peer_sends_during_the_park(); }

// One case, and no other.

TEST_F(Rule, WaiterIsClaimedOnce) {
    channel a("a"), b("b");
    std::optional<int> received;
    staged::while_parked = [&] {
        EXPECT_TRUE(b.try_send(1));
        EXPECT_FALSE(a.try_send(2)) << "the waiter was claimed already";
        EXPECT_FALSE(b.try_send(3)) << "the waiter was claimed already";
    };
    select(on_receive(a, unexpected), on_receive(b, [&](int i) { received = i; }));
    EXPECT_EQ(received, 1);
}

TEST_F(Rule, PeerPassesOverAWaiterThatIsAlreadyClaimed) {
    channel a("a"), b("b");
    std::vector<std::string> received;
    staged::while_parked = [&] {
        staged::while_parked = [&] {
            a.send(1);  // claims the first waiter, whose record at b is still queued
            b.send(2);  // must find the second waiter behind it
        };
        select(on_receive(b, [&](int i) { received.push_back("second " + std::to_string(i)); }));
    };
    select(on_receive(a, [&](int i) { received.push_back("first " + std::to_string(i)); }),
           on_receive(b, unexpected));
    EXPECT_EQ(received, (strings{"second 2", "first 1"}));
}

TEST_F(Rule, PeerRecordsTheFiredCaseBeforeItUnlocks) {
    receive_what_a_peer_sends_during_the_park();
}

TEST_F(Rule, WokenTaskLocksBeforeItLooks) { receive_what_a_peer_sends_during_the_park(); }

TEST_F(Rule, SelectLeavesNoRecordBehind) {
    channel a("a"), b("b");
    staged::while_parked = [&] { b.send(1); };
    select(on_receive(a, unexpected), on_receive(b));
    EXPECT_FALSE(a.try_send(2));

    select(on_receive(a, unexpected), after(1s, [&] { EXPECT_FALSE(a.try_send(3)); }));
}

// At the edges.

TEST_F(Rule, ClaimCountsAlthoughTheDeadlineHasPassed) {
    channel c("c");
    std::optional<int> received;
    // The deadline passes.  A sender comes before the task has its locks back.
    staged::while_parked = [&] {
        staged::time += 2h;
        EXPECT_TRUE(c.try_send(7));
    };
    select(on_receive(c, [&](int i) { received = i; }), after(1h, unexpected));
    EXPECT_EQ(received, 7);
}

TEST_F(Rule, LosingSendKeepsItsValue) {
    basic_channel<std::string, staged> a(1, "a"), b("b");
    std::string to_a = "for a", to_b = "for b";
    select(on_send(a, std::move(to_a)), on_send(b, std::move(to_b), unexpected));
    EXPECT_EQ(to_b, "for b") << "the select lost while it tried";

    staged::while_parked = [&] { EXPECT_EQ(b.receive(), "for b"); };  // a is full by now
    std::string again = "for a";
    select(on_send(a, std::move(again), unexpected), on_send(b, std::move(to_b)));
    EXPECT_EQ(again, "for a") << "the select lost while it was parked";
}

TEST_F(Rule, HandlerRunsWithNoLockHeld) {
    channel a(1, "a"), b("b");
    const auto unlocked = [](const auto&...) { EXPECT_EQ(staged::held, 0); };
    select(on_send(a, 1, unlocked), on_receive(b, unexpected));
    select(on_receive(a, unlocked), on_receive(b, unexpected));
    select(on_receive(a, unexpected), otherwise(unlocked));
    select(on_receive(a, unexpected), after(1s, unlocked));
    staged::while_parked = [&] { a.send(1); };
    select(on_receive(a, unlocked), on_receive(b, unexpected));
    a.close();
    select(on_receive(a, [&](std::optional<int>) { unlocked(); }), on_receive(b, unexpected));
    EXPECT_THROW(select(on_send(a, 1, unexpected)), closed_channel);
    EXPECT_EQ(staged::held, 0);
}

}  // namespace
}  // namespace rendezvous::testing

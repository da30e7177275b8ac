// The seam: a channel does nothing to the world but through its policy.  Here the policy plays all
// the other tasks, on one thread and with a clock of its own, so that each race is a story told
// in one order.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/channel/channel.hpp"

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Optional;

namespace rendezvous::testing {
namespace {

// Thrown out of a sleep in which nothing would ever happen.
struct sleeps_for_ever : std::logic_error {
    sleeps_for_ever() : std::logic_error("nobody would wake this task") {}
};

struct staged {
    // The stage, cleared before each test.
    inline static std::vector<std::string> story;    // what the policy was told
    inline static std::vector<std::string> locked;   // the channels' locks, as they were taken
    inline static int held = 0;                      // locks that are held
    inline static std::function<void()> meanwhile;   // what others do during the next sleep
    inline static std::function<void()> at_once;     // and as soon as no lock is held
    inline static std::vector<std::size_t> lots;     // the next lots; 0 after that
    inline static std::vector<std::size_t> choices;  // among how many a lot was drawn
    inline static detail::time_point time;

    struct label {
        std::string name;
        explicit label(std::string_view n) : name(n) {}
    };
    struct checked_lock {
        const std::string* name = nullptr;  // once the channel is open
        bool taken = false;
        void lock() {
            EXPECT_FALSE(taken) << "a task waits for itself";
            taken = true;
            ++held;
            locked.push_back(name != nullptr ? *name : "?");
        }
        void unlock() {
            EXPECT_TRUE(taken);
            taken = false;
            --held;
            expect_winners_named();
            if (held == 0 && at_once) std::exchange(at_once, nullptr)();
        }
    };
    using lock = checked_lock;
    class parker {
    public:
        explicit parker(detail::time_point deadline) : deadline_(deadline) {}
        bool wake() { return !std::exchange(won_, true); }
        bool is_won() const { return won_; }
        void park() {
            EXPECT_EQ(held, 0) << "sleeps with a lock held";
            if (meanwhile) std::exchange(meanwhile, nullptr)();
            std::erase_if(sleepers, [this](const parker* sleeper) { return sleeper == this; });
            if (won_) return;
            if (deadline_ == detail::for_ever) throw sleeps_for_ever();
            time = deadline_;
        }

    private:
        const detail::time_point deadline_;
        bool won_ = false;
    };
    struct before {  // by name, as no two runs have the same addresses
        bool operator()(const auto* a, const auto* b) const {
            return a->label.name < b->label.name;
        }
    };
    static std::size_t choose(std::size_t n) {
        choices.push_back(n);
        if (lots.empty()) return 0;
        const std::size_t lot = lots.front();
        lots.erase(lots.begin());
        return lot;
    }
    static detail::time_point now() { return time; }

    // What is told, in words.
    static std::string name(const auto& c) { return c.label.name; }
    static std::string who(const parker* p) { return p == nullptr ? "me" : "sleeper"; }
    static std::string act(const auto& one) {
        return (one.way == detail::direction::send ? "send " : "receive ") + name(*one.where);
    }
    static std::string acts(const auto& cases) {
        std::string all;
        for (const auto* one : cases) all += (all.empty() ? "" : ", ") + act(*one);
        return all;
    }
    static void tell(const auto& c, std::string sentence) {
        touched(c);
        story.push_back(std::move(sentence));
    }

    static void opened(auto& c) {
        c.lock.name = &c.label.name;
        story.push_back("opened " + name(c));
    }
    static void closed(const auto& c) { tell(c, "closed " + name(c)); }
    static void touched(const auto& c) { EXPECT_TRUE(c.lock.taken) << name(c) << " is not locked"; }
    static void waits(const auto& cases, detail::time_point deadline) {
        for (const auto* one : cases) touched(*one->where);
        if (!cases.empty()) sleepers.push_back(cases.front()->who);
        story.push_back("waits: " + acts(cases) + (deadline == detail::for_ever ? "" : ", timed"));
    }
    static void fired(const auto& cases, const auto& one) {
        expect_no_trace(cases);
        tell(*one.where, "fired: " + act(one) + " of " + std::to_string(cases.size()));
    }
    static void timeout(const auto& cases) {
        expect_no_trace(cases);
        story.push_back("timeout: " + acts(cases));
    }
    static void handed(const auto& c, const parker* from, const parker* to, int value) {
        tell(c, "handed " + std::to_string(value) + " from " + who(from) + " to " + who(to) +
                    " on " + name(c));
    }
    static void put(const auto& c, const parker* from, int value) {
        tell(c, "put " + std::to_string(value) + " from " + who(from) + " into " + name(c));
    }
    static void took(const auto& c, int value) {
        tell(c, "took " + std::to_string(value) + " out of " + name(c));
    }
    static void end(const auto& c) { tell(c, "end of " + name(c)); }

    inline static std::vector<const detail::waiter<staged>*> sleepers;

    // As soon as a lock is let go, a sleeper who was won may look which of his cases it was.
    static void expect_winners_named() {
        for (const auto* sleeper : sleepers)
            EXPECT_TRUE(!sleeper->is_won() || sleeper->fired != nullptr) << "won, and not named";
    }

    // Whoever goes on has left the queues: soon there is nothing any more where his cases stood.
    static void expect_no_trace(const auto& cases) {
        for (const auto* one : cases) EXPECT_FALSE(one->is_linked()) << act(*one) << " still waits";
    }
};
static_assert(parking_policy<staged>);

const auto unexpected = [](const auto&...) { FAIL() << "this case should not have fired"; };

class Seam : public ::testing::Test {
protected:
    using channel = basic_channel<int, staged>;

    Seam() {
        staged::lots.clear();
        staged::meanwhile = nullptr;
        staged::at_once = nullptr;
        staged::time = detail::time_point(1h);
        forget();
    }
    static void forget() {
        staged::story.clear();
        staged::locked.clear();
        staged::choices.clear();
    }
};

TEST_F(Seam, AHandOverKnowsBothParties) {
    channel c("c");
    EXPECT_THAT(staged::story, ElementsAre("opened c"));

    forget();
    staged::meanwhile = [&] { c.send(7); };
    EXPECT_THAT(c.receive(), Optional(7));
    EXPECT_THAT(staged::story, ElementsAre("waits: receive c", "handed 7 from me to sleeper on c",
                                           "fired: send c of 1", "fired: receive c of 1"));

    forget();
    std::optional<int> received;
    staged::meanwhile = [&] { received = c.receive(); };
    c.send(8);
    EXPECT_THAT(received, Optional(8));
    EXPECT_THAT(staged::story, ElementsAre("waits: send c", "handed 8 from sleeper to me on c",
                                           "fired: receive c of 1", "fired: send c of 1"));
}

TEST_F(Seam, ABufferTakesAndGives) {
    channel c(1, "c");
    c.send(1);
    forget();
    staged::meanwhile = [&] { c.receive(); };
    c.send(2);
    EXPECT_THAT(staged::story,
                ElementsAre("waits: send c", "took 1 out of c", "put 2 from sleeper into c",
                            "fired: receive c of 1", "fired: send c of 1"));
}

TEST_F(Seam, TheEndIsTold) {
    channel c("c");
    forget();
    staged::meanwhile = [&] { c.close(); };
    EXPECT_EQ(c.receive(), std::nullopt);
    EXPECT_THAT(staged::story,
                ElementsAre("waits: receive c", "closed c", "fired: receive c of 1", "end of c"));
    forget();
    EXPECT_TRUE(c.try_receive().closed());
    EXPECT_THAT(staged::story, ElementsAre("fired: receive c of 1", "end of c"));
}

TEST_F(Seam, WhoCameFirstIsServedFirst) {
    channel c("c");
    staged::meanwhile = [&] {
        staged::meanwhile = [&] {
            c.send(1);
            c.send(2);
        };
        EXPECT_THAT(c.receive(), Optional(2));
    };
    EXPECT_THAT(c.receive(), Optional(1));

    staged::meanwhile = [&] {
        staged::meanwhile = [&] {
            EXPECT_THAT(c.receive(), Optional(1));
            EXPECT_THAT(c.receive(), Optional(2));
        };
        c.send(2);
    };
    c.send(1);
}

TEST_F(Seam, TheEndIsToldToAllWhoWait) {
    channel c("c");
    forget();
    staged::meanwhile = [&] {
        staged::meanwhile = [&] { c.close(); };
        EXPECT_EQ(c.receive(), std::nullopt);
    };
    EXPECT_EQ(c.receive(), std::nullopt);
    EXPECT_THAT(staged::story, ElementsAre("waits: receive c", "waits: receive c", "closed c",
                                           "fired: receive c of 1", "end of c",
                                           "fired: receive c of 1", "end of c"));
}

TEST_F(Seam, ATimeOutIsTold) {
    channel a("a"), b("b");
    forget();
    select(on_receive(a, unexpected), on_send(b, 1, unexpected), after(5s));
    EXPECT_THAT(staged::story,
                ElementsAre("waits: receive a, send b, timed", "timeout: receive a, send b"));
    EXPECT_EQ(staged::time, detail::time_point(1h + 5s));
}

TEST_F(Seam, NothingIsToldOfWhatCannotBeDone) {
    channel c("c");
    forget();
    EXPECT_FALSE(c.try_send(1));
    EXPECT_FALSE(c.try_receive());
    select(on_receive(c, unexpected), otherwise());
    EXPECT_THAT(staged::story, IsEmpty());
}

TEST_F(Seam, WhatCannotHappenWaitsForEver) {
    channel* const none = nullptr;
    EXPECT_THROW(select(on_receive(none), on_send(none, 1)), sleeps_for_ever);
    EXPECT_THROW(detail::select_with<staged>(), sleeps_for_ever);

    channel c;
    EXPECT_THROW(select(on_send(c, 1), on_receive(c)), sleeps_for_ever) << "it met itself";
    EXPECT_FALSE(c.try_send(1)) << "its cases are gone";
    EXPECT_FALSE(c.try_receive()) << "its cases are gone";
}

TEST_F(Seam, NobodyComesBetweenTryingAndQueueingUp) {
    // A sender is there as soon as no lock is held any more.
    channel c("c");
    staged::at_once = [&] { EXPECT_TRUE(c.try_send(7)) << "nobody waits yet"; };
    EXPECT_THAT(c.receive(), Optional(7));
}

TEST_F(Seam, WhatComesBeforeTheSleeperHasFallenAsleepIsNotLost) {
    // The cases are public, the sleeper does not sleep yet.
    channel a("a"), b("b");
    std::optional<int> received;
    staged::meanwhile = [&] { EXPECT_TRUE(b.try_send(7)); };
    select(on_receive(a, unexpected), on_receive(b, [&](int i) { received = i; }));
    EXPECT_THAT(received, Optional(7));
}

TEST_F(Seam, ASleeperIsWonOnce) {
    channel a("a"), b("b");
    std::optional<int> received;
    staged::meanwhile = [&] {
        EXPECT_TRUE(b.try_send(1));
        EXPECT_FALSE(a.try_send(2)) << "it was won already";
        EXPECT_FALSE(b.try_send(3)) << "it was won already";
    };
    select(on_receive(a, unexpected), on_receive(b, [&](int i) { received = i; }));
    EXPECT_THAT(received, Optional(1));
}

// What the next three promise is checked whenever a task sleeps, lets go of a lock, or touches
// a queue: see `staged`.
void receive_what_comes_during_the_sleep() {
    basic_channel<int, staged> a("a"), b("b");
    std::optional<int> received;
    staged::meanwhile = [&] { b.send(7); };
    select(on_receive(a, unexpected), on_receive(b, [&](int i) { received = i; }));
    EXPECT_THAT(received, Optional(7));
}

TEST_F(Seam, NobodySleepsWithALock) { receive_what_comes_during_the_sleep(); }
TEST_F(Seam, TheWinnerIsNamedBeforeTheLockIsLetGo) { receive_what_comes_during_the_sleep(); }
TEST_F(Seam, WhoWakesUpLocksBeforeItLooks) { receive_what_comes_during_the_sleep(); }

TEST_F(Seam, WhoGoesOnHasLeftAllQueues) {
    channel a("a"), b("b");
    staged::meanwhile = [&] { b.send(1); };
    select(on_receive(a, unexpected), on_receive(b));
    EXPECT_FALSE(a.try_send(2));

    select(on_receive(a, unexpected), after(1s, [&] { EXPECT_FALSE(a.try_send(3)); }));
}

TEST_F(Seam, AValueThatCameIsNotTimedOut) {
    // The deadline passes; before the sleeper gets the locks back, a sender comes.
    channel c("c");
    std::optional<int> received;
    staged::meanwhile = [&] {
        staged::time += 2h;
        EXPECT_TRUE(c.try_send(7));
    };
    select(on_receive(c, [&](int i) { received = i; }), after(1h, unexpected));
    EXPECT_THAT(received, Optional(7));
}

TEST_F(Seam, ASleeperWhoWasWonElsewhereIsPassedOver) {
    channel a("a"), b("b");
    std::vector<std::string> received;
    staged::meanwhile = [&] {
        staged::meanwhile = [&] {
            a.send(1);  // for the first, who waits at a and b
            b.send(2);  // so this is for the second
        };
        select(on_receive(b, [&](int i) { received.push_back("second " + std::to_string(i)); }));
    };
    select(on_receive(a, [&](int i) { received.push_back("first " + std::to_string(i)); }),
           on_receive(b, unexpected));
    EXPECT_THAT(received, ElementsAre("second 2", "first 1"));
}

TEST_F(Seam, TheLotDecidesWhichReadyCaseFires) {
    channel a(1, "a"), b(1, "b"), c(1, "c");
    for (const std::size_t lot : {0U, 1U, 2U}) {
        for (auto* ready : {&a, &b, &c}) static_cast<void>(ready->try_send(7));
        forget();
        staged::lots = {lot};
        std::array<bool, 3> fired{};
        select(on_receive(a, [&](int) { fired[0] = true; }),
               on_receive(b, [&](int) { fired[1] = true; }),
               on_receive(c, [&](int) { fired[2] = true; }));
        EXPECT_TRUE(fired.at(lot));
        EXPECT_THAT(staged::choices, ElementsAre(3)) << "one lot, among all three";
    }
}

TEST_F(Seam, TheLotsDecideWhoQueuesFirst) {
    channel c("c");
    for (const std::size_t lot : {0U, 1U, 2U}) {
        forget();
        staged::lots = {lot, 1};
        staged::meanwhile = [&] { c.send(7); };
        std::array<bool, 3> fired{};
        select(on_receive(c, [&](int) { fired[0] = true; }),
               on_receive(c, [&](int) { fired[1] = true; }),
               on_receive(c, [&](int) { fired[2] = true; }));
        EXPECT_TRUE(fired.at(lot));
        EXPECT_THAT(staged::choices, ElementsAre(3, 2));
    }
}

TEST_F(Seam, NoLotIsDrawnForOneCase) {
    channel c(1, "c");
    channel* const none = nullptr;
    c.send(1);
    select(on_receive(none), on_receive(c), on_send(none, 1));
    select(on_receive(c), otherwise());
    EXPECT_THAT(staged::choices, IsEmpty());
}

TEST_F(Seam, LocksAreTakenInOneOrderAndEachOnce) {
    channel b(1, "b"), c(1, "c"), a(1, "a");
    forget();
    select(on_receive(c), on_receive(a), on_send(c, 1), on_receive(b), on_receive(a), otherwise());
    EXPECT_THAT(staged::locked, ElementsAre("a", "b", "c"));
}

TEST_F(Seam, HandlersRunUnlocked) {
    channel a(1, "a"), b("b");
    const auto unlocked = [](const auto&...) { EXPECT_EQ(staged::held, 0); };
    select(on_send(a, 1, unlocked), on_receive(b, unexpected));
    select(on_receive(a, unlocked), on_receive(b, unexpected));
    select(on_receive(a, unexpected), otherwise(unlocked));
    select(on_receive(a, unexpected), after(1s, unlocked));
    staged::meanwhile = [&] { a.send(1); };
    select(on_receive(a, unlocked), on_receive(b, unexpected));
    a.close();
    select(on_receive(a, [&](std::optional<int>) { unlocked(); }), on_receive(b, unexpected));
    EXPECT_THROW(select(on_send(a, 1, unexpected)), closed_channel);
    EXPECT_EQ(staged::held, 0);
}

TEST_F(Seam, AnyKindOfDurationIsADeadline) {
    channel c("c");
    const auto passes = [&](auto delay) {
        const auto start = staged::time;
        select(on_receive(c, unexpected), after(delay));
        return staged::time - start;
    };
    EXPECT_EQ(passes(1ns), 1ns);
    EXPECT_EQ(passes(std::chrono::duration<double>(0.5)), 500ms);
    EXPECT_EQ(passes(std::chrono::duration<double, std::nano>(1.5)), 2ns) << "never too early";
    EXPECT_EQ(passes(-3s), 0s);
    EXPECT_EQ(passes(std::chrono::hours::min()), 0s);
    EXPECT_EQ(passes(std::chrono::hours::max()), 24h * 365 * 100);
}

}  // namespace
}  // namespace rendezvous::testing

// A policy with which one task runs and the test plays all the others, at moments that it chooses.
// There is one thread, and the clock is the test's.  So a race that a stress test hardly ever hits
// is a fixed sequence of steps here: it happens in every run.
//
// The policy also checks every step: a task parks with no lock held, touches a queue only under
// its channel's lock, records the fired case before it releases that lock, and leaves no case
// record behind.
#pragma once
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "common/channel/channel.hpp"

namespace rendezvous::testing {

// Thrown by a park that no peer would ever end.
struct parked_forever : std::logic_error {
    parked_forever() : std::logic_error("no peer would wake this task") {}
};

struct staged {
    using strings = std::vector<std::string>;

    // What the test plays.  Each function is called once.
    inline static std::function<void()> while_parked;     // during the next park
    inline static std::function<void()> when_unlocked;    // as soon as no lock is held
    inline static std::vector<std::size_t> next_choices;  // the next random choices; 0 after them
    inline static detail::time_point time;                // what the clock shows

    // What the task did.
    inline static strings events;                       // what the hooks were told
    inline static strings locked;                       // the channels that were locked, in order
    inline static std::vector<std::size_t> choices_of;  // among how many each choice was made
    inline static int held = 0;                         // how many locks are held

    static void reset() {
        while_parked = nullptr;
        when_unlocked = nullptr;
        next_choices.clear();
        time = detail::time_point(std::chrono::hours(1));
        forget();
    }
    static void forget() {
        events.clear();
        locked.clear();
        choices_of.clear();
    }

    struct label {
        std::string name;
        explicit label(std::string_view n) : name(n) {}
    };
    struct checked_lock {
        const std::string* name = nullptr;  // once the channel is open
        bool taken = false;
        void lock() {
            EXPECT_FALSE(taken) << "the task waits for a lock that it holds itself";
            taken = true;
            ++held;
            locked.push_back(name != nullptr ? *name : "?");
        }
        void unlock() {
            EXPECT_TRUE(taken);
            taken = false;
            --held;
            expect_fired_cases_recorded();
            if (held == 0 && when_unlocked) std::exchange(when_unlocked, nullptr)();
        }
    };
    using lock = checked_lock;
    class parker {
    public:
        explicit parker(detail::time_point deadline) : deadline_(deadline) {}
        bool wake() { return !std::exchange(claimed_, true); }
        bool is_claimed() const { return claimed_; }
        void park() {
            EXPECT_EQ(held, 0) << "the task parks with a lock held";
            if (while_parked) std::exchange(while_parked, nullptr)();
            std::erase_if(waiters, [this](const parker* waiter) { return waiter == this; });
            if (claimed_) return;
            if (deadline_ == detail::no_deadline) throw parked_forever();
            time = deadline_;
        }

    private:
        const detail::time_point deadline_;
        bool claimed_ = false;
    };
    struct before {  // by name, because addresses differ from run to run
        bool operator()(const auto* a, const auto* b) const {
            return a->label.name < b->label.name;
        }
    };
    static std::size_t choose(std::size_t n) {
        choices_of.push_back(n);
        if (next_choices.empty()) return 0;
        const std::size_t choice = next_choices.front();
        next_choices.erase(next_choices.begin());
        return choice;
    }
    static detail::time_point now() { return time; }

    static void opened(auto& c) {
        c.lock.name = &c.label.name;
        events.push_back("opened " + name(c));
    }
    static void closed(const auto& c) { report(c, "closed " + name(c)); }
    static void touched(const auto& c) {
        EXPECT_TRUE(c.lock.taken) << "the task touches " << name(c) << " without its lock";
    }
    static void waits(const auto& cases, detail::time_point deadline) {
        for (const auto* one : cases) touched(*one->where);
        if (!cases.empty()) waiters.push_back(cases.front()->waiter);
        const bool limited = deadline != detail::no_deadline;
        events.push_back("waits: " + text_of_all(cases) + (limited ? ", or a deadline" : ""));
    }
    static void fired(const auto& cases, const auto& one) {
        expect_no_record_left(cases);
        report(*one.where, "fired: " + text_of(one) + " of " + std::to_string(cases.size()));
    }
    static void timeout(const auto& cases) {
        expect_no_record_left(cases);
        events.push_back("timeout: " + text_of_all(cases));
    }
    static void handed(const auto& c, const parker* from, const parker* to, const auto& value) {
        report(c, "handed " + text_of_value(value) + " from " + task(from) + " to " + task(to) +
                      " on " + name(c));
    }
    static void put(const auto& c, const parker* from, const auto& value) {
        report(c, "put " + text_of_value(value) + " from " + task(from) + " into " + name(c));
    }
    static void took(const auto& c, const auto& value) {
        report(c, "took " + text_of_value(value) + " out of " + name(c));
    }
    static void end(const auto& c) { report(c, "end of " + name(c)); }

private:
    inline static std::vector<const detail::waiter<staged>*> waiters;

    static std::string name(const auto& c) { return c.label.name; }
    static std::string task(const parker* p) { return p == nullptr ? "self" : "waiter"; }
    static std::string text_of_value(const auto& value) {
        if constexpr (std::is_arithmetic_v<std::remove_cvref_t<decltype(value)>>)
            return std::to_string(value);
        else
            return value;
    }
    static std::string text_of(const auto& one) {
        return (one.way == detail::direction::send ? "send " : "receive ") + name(*one.where);
    }
    static std::string text_of_all(const auto& cases) {
        std::string all;
        for (const auto* one : cases) all += (all.empty() ? "" : ", ") + text_of(*one);
        return all;
    }
    static void report(const auto& c, std::string event) {
        touched(c);
        events.push_back(std::move(event));
    }

    // As soon as a peer releases a lock, the waiter that it claimed may look which case fired.
    static void expect_fired_cases_recorded() {
        for (const auto* waiter : waiters)
            EXPECT_TRUE(!waiter->is_claimed() || waiter->fired != nullptr)
                << "a waiter is claimed, and its fired case is not recorded";
    }

    // A task that goes on reuses the stack on which its case records were.
    static void expect_no_record_left(const auto& cases) {
        for (const auto* one : cases)
            EXPECT_FALSE(one->is_linked()) << text_of(*one) << " is still in the queue";
    }
};
static_assert(parking_policy<staged>);

// The handler of a case that must not fire.
inline const auto unexpected = [](const auto&...) { FAIL() << "this case should not have fired"; };

// A test that plays the peers of one task.
class Staged : public ::testing::Test {
protected:
    using channel = basic_channel<int, staged>;
    using strings = staged::strings;

    Staged() { staged::reset(); }
};

}  // namespace rendezvous::testing

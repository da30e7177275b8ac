// The tests that decide the exercises of stage 09 where no contract does.
#include <gmock/gmock.h>

#include <string>

#include "tests/harness/server_test.hpp"

namespace rendezvous::harness {
namespace {

class Roster : public server_test {
protected:
    void SetUp() override {
        server_test::SetUp();
        talk.look_first_at(
            "which task knows the names.  Only the broadcaster has the list, "
            "so only it can send the roster, and the channels that lead to it "
            "must carry the names.");
    }

    // Connects a client, expects the roster, and waits until the client has
    // entered, which it has once its own line comes back.
    client& enter_with_roster(const std::string& name,
                              const std::vector<client*>& present) {
        auto& one = connect(name);
        one.expect_greeting();
        // Sent at once: the line comes back only after the client has entered.
        one.send_line("Hello!");
        for (auto* other : present) one.expect_line(is_here(*other));
        one.expect_line(one.who() + ": Hello!");
        for (auto* other : present)
            other->expect_lines(
                {one.who() + " has arrived", one.who() + ": Hello!"});
        return one;
    }

    static std::string is_here(const client& one) {
        return one.who() + " is here";
    }
};

TEST_F(Roster, NewcomerReceivesTheRosterInOrderOfArrival) {
    std::vector<client*> present;
    for (const auto* name : {"alice", "bob", "carol", "dave", "eve"})
        present.push_back(&enter_with_roster(name, present));
}

TEST_F(Roster, FirstClientReceivesAnEmptyRoster) {
    auto& alice = enter_with_roster("alice", {});
    alice.expect_silence(alice);
}

TEST_F(Roster, RosterOmitsAClientThatHasLeft) {
    auto& alice = enter_with_roster("alice", {});
    auto& bob = enter_with_roster("bob", {&alice});
    auto& carol = enter_with_roster("carol", {&alice, &bob});
    bob.half_close();
    bob.expect_end();
    alice.expect_line(bob.who() + " has left");
    carol.expect_line(bob.who() + " has left");
    enter_with_roster("dave", {&alice, &carol});
}

}  // namespace
}  // namespace rendezvous::harness

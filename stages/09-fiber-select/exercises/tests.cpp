// What decides the exercises of stage 09 where no contract does.
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
            "who knows the names: the broadcaster has the list, and only it "
            "can "
            "tell a newcomer who is on it; so the channels must carry names.");
    }

    // Comes in, is told who is there, and is there: it hears itself.
    client& enter_and_be_told(const std::string& name,
                              const std::vector<client*>& those_there) {
        auto& one = connect(name);
        one.expect_greeting();
        // At once: what it says does not come back before it is there.
        one.send_line("Hello!");
        for (auto* other : those_there) one.expect_line(is_here(*other));
        one.expect_line(one.who() + ": Hello!");
        for (auto* other : those_there)
            other->expect_lines(
                {one.who() + " has arrived", one.who() + ": Hello!"});
        return one;
    }

    static std::string is_here(const client& one) {
        return one.who() + " is here";
    }
};

TEST_F(Roster, NewcomerIsToldWhoIsThereInTheOrderInWhichTheyCame) {
    std::vector<client*> there;
    for (const auto* name : {"alice", "bob", "carol", "dave", "eve"})
        there.push_back(&enter_and_be_told(name, there));
}

TEST_F(Roster, WhoeverIsAloneIsToldOfNobody) {
    auto& alice = enter_and_be_told("alice", {});
    alice.expect_silence(alice);
}

TEST_F(Roster, WhoeverHasLeftIsNotThere) {
    auto& alice = enter_and_be_told("alice", {});
    auto& bob = enter_and_be_told("bob", {&alice});
    auto& carol = enter_and_be_told("carol", {&alice, &bob});
    bob.half_close();
    bob.expect_end();
    alice.expect_line(bob.who() + " has left");
    carol.expect_line(bob.who() + " has left");
    enter_and_be_told("dave", {&alice, &carol});
}

}  // namespace
}  // namespace rendezvous::harness

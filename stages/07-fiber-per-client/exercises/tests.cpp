// What decides the exercise of stage 07.
#include <gmock/gmock.h>
#include <poll.h>

#include <chrono>
#include <string>

#include "tests/harness/server_test.hpp"
#include "tests/harness/text.hpp"

namespace rendezvous::harness {
namespace {

using std::chrono::steady_clock;

class Silent : public server_test {
protected:
    static milliseconds since(steady_clock::time_point then) {
        return std::chrono::duration_cast<milliseconds>(steady_clock::now() -
                                                        then);
    }

    // Whether anything comes to it within so long, be it the end.  By the clock
    // alone: a server that has nothing to do may still have a timer running.
    static bool hears_something(const client& one, milliseconds within) {
        return eventually(within, [&] {
            pollfd fd{one.socket(), POLLIN, 0};
            return ::poll(&fd, 1, 0) > 0;
        });
    }

    void expect_to_be_let_go(client& one, steady_clock::time_point last_word) {
        if (!hears_something(one, 8s - since(last_word)))
            talk.fail(one.name() +
                      " has said nothing for 8 s, and is still there.");
        one.expect_end();
        if (since(last_word) < 4'900ms)
            talk.fail(one.name() + " was let go after " +
                      std::to_string(since(last_word).count()) +
                      " ms of silence: it has 5 s.");
    }
};

TEST_F(Silent, WhoeverSaysNothingForFiveSecondsIsLetGo) {
    talk.look_first_at(
        "the read: it waits for as long as the client likes.  A timer beside "
        "it must end it.");
    const auto begin = steady_clock::now();
    auto& alice = connect("alice");  // never says a word
    auto& bob = connect("bob");
    bob.send_line("Hello!");
    const auto last_word = steady_clock::now();
    bob.expect_line("Hello!");
    expect_to_be_let_go(alice, begin);
    expect_to_be_let_go(bob, last_word);
    expect_service();
}

TEST_F(Silent, WhoeverTalksStays) {
    talk.look_first_at(
        "when the time is counted anew: with everything that comes, half a "
        "line too.");
    auto& alice = connect("alice");
    for (const auto begin = steady_clock::now(); since(begin) < 7s;) {
        alice.send("x");
        EXPECT_EQ(alice.read_bytes(1), "x");
        if (hears_something(alice, 500ms))
            talk.fail("alice talks twice a second, and was let go after " +
                      seconds(static_cast<double>(since(begin).count()) / 1e3) +
                      ".");
    }
    alice.half_close();
    alice.expect_end();
}

}  // namespace
}  // namespace rendezvous::harness

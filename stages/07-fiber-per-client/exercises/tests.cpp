// The test that decides the exercise of stage 07.
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

    // Whether the client receives anything, end of file included, before the
    // time is up.  It goes by the clock and not by the server's activity: an
    // idle server may still have a timer running.
    static bool receives_something(const client& one, milliseconds within) {
        return eventually(within, [&] {
            pollfd fd{one.socket(), POLLIN, 0};
            return ::poll(&fd, 1, 0) > 0;
        });
    }

    void expect_disconnect(client& one, steady_clock::time_point last_sent) {
        if (!receives_something(one, 8s - since(last_sent)))
            talk.fail(one.name() +
                      " has sent nothing for 8 s and is still connected.");
        one.expect_end();
        if (since(last_sent) < 4'900ms)
            talk.fail(one.name() + " was disconnected after " +
                      std::to_string(since(last_sent).count()) +
                      " ms of silence, before its 5 s were over.");
    }
};

TEST_F(Silent, ClientThatIsSilentForFiveSecondsIsDisconnected) {
    talk.look_first_at(
        "the read, which waits without a limit: a timer beside it must end "
        "it.");
    const auto begin = steady_clock::now();
    auto& alice = connect("alice");  // never sends anything
    auto& bob = connect("bob");
    bob.send_line("Hello!");
    const auto last_sent = steady_clock::now();
    bob.expect_line("Hello!");
    expect_disconnect(alice, begin);
    expect_disconnect(bob, last_sent);
    expect_service();
}

TEST_F(Silent, ClientThatSendsStaysConnected) {
    talk.look_first_at(
        "when the deadline is moved: whatever arrives must move it, half a "
        "line included.");
    auto& alice = connect("alice");
    for (const auto begin = steady_clock::now(); since(begin) < 7s;) {
        alice.send("x");
        EXPECT_EQ(alice.read_bytes(1), "x");
        if (receives_something(alice, 500ms))
            talk.fail("alice sends twice a second and was disconnected after " +
                      seconds(static_cast<double>(since(begin).count()) / 1e3) +
                      ".");
    }
    alice.half_close();
    alice.expect_end();
}

}  // namespace
}  // namespace rendezvous::harness

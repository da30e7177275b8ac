// What decides the exercise of stage 01.
#include <gmock/gmock.h>

#include <csignal>
#include <string>

#include "tests/harness/server_test.hpp"

namespace rendezvous::harness {
namespace {

class Interrupted : public server_test {
protected:
    client& serve(const std::string& name, client_options options = {}) {
        auto& one = connect(name, options);
        one.send_line("Hello!");
        one.expect_line("Hello!");
        return one;
    }

    // Sends so much that the server cannot write any more, and reads nothing.
    void get_stuck() {
        auto& sloth = serve("sloth", {.receive_buffer = 4096});
        sloth.stop_reading();
        sloth.send_what_fits(std::string(12'000'000, 'x'), 300ms);
    }

    void expect_end(const server_process& server, milliseconds within) {
        const auto status = server.await_end(within);
        if (!status)
            talk.fail("The server has not ended after Ctrl-C, within " +
                      std::to_string(deadline(within).span() / 1s) + " s.");
        if (!exited_with(*status, 0))
            talk.fail("After Ctrl-C the exit status must be 0, and it was: " +
                      describe_status(*status) + ".");
    }
};

TEST_F(Interrupted, TheClientThatIsServedGetsBackAllThatItHasSent) {
    talk.look_first_at(
        "what the handler of Ctrl-C does with the client that is being served: "
        "reading from it must come to its end, after all that has come.");
    auto& alice = serve("alice");
    auto& bob = connect("bob");
    bob.send_line("Is it my turn?");
    // All this has come when the server is interrupted, and not been read.
    const auto stopped = take_server();
    stopped->program().signal(SIGSTOP);
    const std::string sent(60'000, 'x');
    alice.send(sent, "60,000 bytes");
    stopped->program().signal(SIGINT);
    stopped->program().signal(SIGCONT);
    EXPECT_EQ(alice.read_bytes(sent.size()), sent);
    alice.expect_end();
    expect_end(*stopped, 2s);
}

TEST_F(Interrupted, NobodyNewIsServed) {
    talk.look_first_at(
        "the loop that accepts: after Ctrl-C it must not go round again.");
    auto& alice = serve("alice");
    auto& bob = connect("bob");
    bob.send_line("Is it my turn?");
    const auto server = take_server();
    server->program().signal(SIGTERM);
    alice.expect_end();
    expect_end(*server, 2s);
    if (const auto line = bob.try_read_line(5s))
        talk.fail("Nobody new is to be served after Ctrl-C, and bob was.");
}

TEST_F(Interrupted, WhoeverIsSilentHoldsNothingUp) {
    talk.look_first_at(
        "a read that waits for a client: the handler must wake it.");
    auto& alice = serve("alice");
    const auto server = take_server();
    server->program().signal(SIGINT);
    alice.expect_end();
    expect_end(*server, 2s);
}

TEST_F(Interrupted, WithNobodyThereItEndsAtOnce) {
    talk.look_first_at(
        "an accept that waits for a client: the handler must wake it.");
    expect_service();
    const auto server = take_server();
    server->program().signal(SIGINT);
    expect_end(*server, 2s);
}

TEST_F(Interrupted, WhoeverDoesNotReadHoldsItUpForThreeSecondsAtMost) {
    talk.look_first_at(
        "a write that waits for a client who does not read: after 3 s an alarm "
        "must end the program, with status 0.");
    get_stuck();
    const auto server = take_server();
    server->program().signal(SIGINT);
    expect_end(*server, 5s);
}

TEST_F(Interrupted, ASecondInterruptEndsItAtOnce) {
    talk.look_first_at(
        "how the handler knows that it has been called before: the second call "
        "ends the program at once, with status 1.");
    get_stuck();
    const auto server = take_server();
    server->program().signal(
        SIGSTOP);  // so that both are there when it goes on
    server->program().signal(SIGINT);
    server->program().signal(SIGTERM);
    server->program().signal(SIGCONT);
    const auto status = server->await_end(2s);
    if (!status) talk.fail("It has not ended 2 s after a second Ctrl-C.");
    if (!exited_with(*status, 1))
        talk.fail(
            "After a second Ctrl-C the exit status must be 1, and it was: " +
            describe_status(*status) + ".");
}

}  // namespace
}  // namespace rendezvous::harness

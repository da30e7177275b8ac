// The tests that decide the exercise of stage 01.
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

    // Sends so much without reading that the server blocks in a write.
    void block_the_server() {
        auto& sloth = serve("sloth", {.receive_buffer = 4096});
        sloth.stop_reading();
        sloth.send_what_fits(std::string(12'000'000, 'x'), 300ms);
    }

    void expect_end(const server_process& server, milliseconds within) {
        const auto status = server.await_end(within);
        if (!status)
            talk.fail("The server has not exited after Ctrl-C, within " +
                      std::to_string(deadline(within).span() / 1s) + " s.");
        if (!exited_with(*status, 0))
            talk.fail("After Ctrl-C the exit status must be 0, and it was: " +
                      describe_status(*status) + ".");
    }
};

TEST_F(Interrupted, ClientBeingServedGetsBackAllThatItHasSent) {
    talk.look_first_at(
        "what the handler of Ctrl-C does with the client that is being served: "
        "reading from it must reach an end of file, after all that has "
        "arrived.");
    auto& alice = serve("alice");
    auto& bob = connect("bob");
    bob.send_line("Is it my turn?");
    // These bytes have arrived, but are unread, when the signal comes.
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

TEST_F(Interrupted, ServerAcceptsNoNewClient) {
    talk.look_first_at("the loop that accepts clients: Ctrl-C must end it.");
    auto& alice = serve("alice");
    auto& bob = connect("bob");
    bob.send_line("Is it my turn?");
    const auto server = take_server();
    server->program().signal(SIGTERM);
    alice.expect_end();
    expect_end(*server, 2s);
    if (const auto line = bob.try_read_line(5s))
        talk.fail("After Ctrl-C no new client may be served, and bob was.");
}

TEST_F(Interrupted, SilentClientDoesNotDelayTheExit) {
    talk.look_first_at(
        "a read that waits for a client: the handler must wake it.");
    auto& alice = serve("alice");
    const auto server = take_server();
    server->program().signal(SIGINT);
    alice.expect_end();
    expect_end(*server, 2s);
}

TEST_F(Interrupted, ServerWithoutClientsExitsAtOnce) {
    talk.look_first_at(
        "an accept that waits for a client: the handler must wake it.");
    expect_service();
    const auto server = take_server();
    server->program().signal(SIGINT);
    expect_end(*server, 2s);
}

TEST_F(Interrupted, ClientThatDoesNotReadDelaysTheExitByThreeSecondsAtMost) {
    talk.look_first_at(
        "a write that waits for a client that does not read: after 3 s an "
        "alarm must end the program, with status 0.");
    block_the_server();
    const auto server = take_server();
    server->program().signal(SIGINT);
    expect_end(*server, 5s);
}

TEST_F(Interrupted, SecondInterruptEndsTheServerAtOnce) {
    talk.look_first_at(
        "how the handler knows that it has run before: its second call ends "
        "the program at once, with status 1.");
    block_the_server();
    const auto server = take_server();
    // Both signals are pending when the server continues.
    server->program().signal(SIGSTOP);
    server->program().signal(SIGINT);
    server->program().signal(SIGTERM);
    server->program().signal(SIGCONT);
    const auto status = server->await_end(2s);
    if (!status)
        talk.fail("The server has not exited 2 s after a second Ctrl-C.");
    if (!exited_with(*status, 1))
        talk.fail(
            "After a second Ctrl-C the exit status must be 1, and it was: " +
            describe_status(*status) + ".");
}

}  // namespace
}  // namespace rendezvous::harness

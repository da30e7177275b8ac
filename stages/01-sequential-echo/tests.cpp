// What stage 01 promises besides what every echo server does: one thread, and
// an exit that waits for no client.
#include <gmock/gmock.h>

#include <csignal>
#include <string>

#include "tests/harness/server_test.hpp"

namespace rendezvous::harness {
namespace {

using testing::SizeIs;

class SequentialEcho : public server_test {
protected:
    void expect_one_thread() {
        EXPECT_THAT(server().program().thread_names(), SizeIs(1));
    }
};

TEST_F(SequentialEcho, ServerHasOneThreadForAllClients) {
    auto& alice = connect("alice");
    auto& bob = connect("bob");
    alice.send_line("Hello!");
    alice.expect_line("Hello!");
    expect_one_thread();
    alice.close();
    bob.send_line("Hello!");
    bob.expect_line("Hello!");
    expect_one_thread();
}

// The exercise `interrupted` removes this limitation.
TEST_F(SequentialEcho, InterruptCutsOffTheClientThatIsBeingServed) {
    auto& alice = connect("alice");
    alice.send_line("Hello!");
    alice.expect_line("Hello!");
    // These bytes have arrived, but are unread, when the signal comes.
    const auto stopped = take_server();
    stopped->program().signal(SIGSTOP);
    alice.send(std::string(60'000, 'x'), "60,000 bytes");
    stopped->program().signal(SIGTERM);
    stopped->program().signal(SIGCONT);
    EXPECT_TRUE(exited_with(stopped->await_end(5s).value_or(-1), 0));
    EXPECT_EQ(alice.expect_end_or_reset(), client::ending::reset);
}

// The kernel has connected that client, but the server has not accepted it.
TEST_F(SequentialEcho, InterruptResetsASilentClientInTheQueue) {
    auto& alice = connect("alice");
    alice.send_line("Hello!");
    alice.expect_line("Hello!");
    auto& bob = connect("bob");
    const auto stopped = take_server();
    stopped->program().signal(SIGTERM);
    EXPECT_TRUE(exited_with(stopped->await_end(5s).value_or(-1), 0));
    EXPECT_EQ(alice.expect_end_or_reset(), client::ending::end_of_file);
    EXPECT_EQ(bob.expect_end_or_reset(), client::ending::reset);
}

}  // namespace
}  // namespace rendezvous::harness

// What stage 02 promises besides what every echo server does: a thread for
// each client, joined when the client has gone.
#include <gmock/gmock.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/harness/sanitizers.hpp"
#include "tests/harness/server_test.hpp"

namespace rendezvous::harness {
namespace {

using testing::SizeIs;

class ThreadPerClient : public server_test {
protected:
    // A thread begins a moment after its client was accepted, and ends a moment
    // after its client has heard the end.
    void expect_threads_of(std::size_t clients) {
        std::vector<std::string> expected(clients, "handle_client");
        expected.push_back("signals");
        expected.resize(clients + 2 + sanitizer_threads(server().program()),
                        "02-thread-per-c");
        std::sort(expected.begin(), expected.end());
        const auto names = [&] {
            auto all = server().program().thread_names();
            std::sort(all.begin(), all.end());
            return all;
        };
        eventually(10s, [&] { return names() == expected; });
        EXPECT_EQ(names(), expected);
    }
};

TEST_F(ThreadPerClient, WithNClientsItIsNPlusTwoThreads) {
    expect_threads_of(0);
    std::vector<client*> all;
    for (std::size_t n = 1; n <= 10; ++n) {
        all.push_back(&connect("client " + std::to_string(n)));
        expect_threads_of(n);
    }
    for (auto* one : all) one->close();
    expect_threads_of(0);
}

// A thread that nobody joins keeps its stack, 8 MB of addresses: 500 are 4 GB.
TEST_F(ThreadPerClient, ThreadOfAClientThatHasGoneIsJoinedMeanwhile) {
    auto& alice = connect("alice");
    const auto come_and_go = [&](int times) {
        for (int i = 0; i < times; ++i) expect_service();
    };
    come_and_go(50);  // what is made once and kept is made now
    const auto before = server().program().address_space();
    come_and_go(500);
    EXPECT_LT(server().program().address_space(), before + 1'000'000'000);
    alice.send_line("Still here?");
    alice.expect_line("Still here?");
}

TEST_F(ThreadPerClient, WhoGetsNoThreadIsToldAndTheOthersAreServed) {
    if (built_with(server().program(), sanitizer::address) ||
        built_with(server().program(), sanitizer::thread))
        GTEST_SKIP() << "a sanitizer needs all the addresses there are";
    // From now on there is room for a few more, and not for fifty.
    auto& program = server().program();
    auto& alice = connect("alice");
    alice.send_line("Hello!");
    alice.expect_line("Hello!");
    program.limit_address_space(program.address_space() + 100'000'000);
    std::vector<client*> served, refused;
    for (int i = 0; i < 50 && refused.size() < 3; ++i) {
        auto& one = connect("client " + std::to_string(i + 1));
        one.send_line("Hello!");
        const auto came = one.read_line();
        (came == "Hello!" ? served : refused).push_back(&one);
        if (came == "Hello!") continue;
        EXPECT_EQ(
            came,
            "cannot start handle_client: Resource temporarily unavailable");
        one.expect_end_or_reset();
    }
    ASSERT_THAT(refused, SizeIs(3));
    EXPECT_NE(
        program.line_on_err(
            "cannot start handle_client: Resource temporarily unavailable",
            deadline(10s)),
        "");

    // Those who are there are served, and who leaves makes room.
    alice.send_line("Still here?");
    alice.expect_line("Still here?");
    for (auto* one : served) {
        one->half_close();
        one->expect_end();
    }
    expect_service();
}

}  // namespace
}  // namespace rendezvous::harness

// What stage 07 promises beyond the contract of every echo server: one fiber
// per client, all of them on one thread, and the source of stage 02.
#include <gmock/gmock.h>

#include <fstream>
#include <string>
#include <vector>

#include "tests/harness/sanitizers.hpp"
#include "tests/harness/server_test.hpp"

namespace rendezvous::harness {
namespace {

using testing::SizeIs;

class FiberPerClient : public server_test {
protected:
    void expect_fibers(const std::string& expected) {
        expect_tasks(expected);
        EXPECT_THAT(server().program().thread_names(), SizeIs(1));
    }
};

TEST_F(FiberPerClient, NClientsAreServedByNPlusOneFibersOnOneThread) {
    expect_fibers("1 fibers: 1 main");
    for (int n = 1; n <= 10; ++n) {
        connect("client " + std::to_string(n));
        const auto count = std::to_string(n);
        expect_fibers(std::to_string(n + 1) + " fibers: " + count +
                      " handle_client, 1 main");
    }
}

TEST_F(FiberPerClient, FiberOfAClientThatHasGoneIsJoinedMeanwhile) {
    auto& alice = connect("alice");
    for (int i = 0; i < 100; ++i) expect_service();
    expect_fibers("2 fibers: 1 handle_client, 1 main");
    alice.send_line("Still here?");
    alice.expect_line("Still here?");
}

TEST_F(FiberPerClient, WhoGetsNoStackIsToldAndTheOthersAreServed) {
    if (built_with(server().program(), sanitizer::address) ||
        built_with(server().program(), sanitizer::thread))
        GTEST_SKIP() << "a sanitizer needs all the addresses there are";
    // From now on there is room for a few more, and not for fifty.
    auto& program = server().program();
    auto& alice = connect("alice");
    alice.send_line("Hello!");
    alice.expect_line("Hello!");
    program.limit_address_space(program.address_space() + 1'000'000);
    std::vector<client*> served, refused;
    for (int i = 0; i < 200 && refused.size() < 3; ++i) {
        auto& one = connect("client " + std::to_string(i + 1));
        one.send_line("Hello!");
        const auto came = one.read_line();
        (came == "Hello!" ? served : refused).push_back(&one);
        if (came == "Hello!") continue;
        EXPECT_EQ(came, "cannot start handle_client: Cannot allocate memory");
        one.expect_end_or_reset();
    }
    ASSERT_THAT(refused, SizeIs(3));
    EXPECT_NE(program.line_on_err(
                  "cannot start handle_client: Cannot allocate memory",
                  deadline(10s)),
              "");

    // Connected clients are still served, and each one that leaves makes room.
    alice.send_line("Still here?");
    alice.expect_line("Still here?");
    for (auto* one : served) {
        one->half_close();
        one->expect_end();
    }
    expect_service();
}

TEST_F(FiberPerClient, SourceDiffersFromStage02InFewerThanTenLines) {
    const auto source = [](const std::string& folder) {
        const auto stages = current_settings().stage_path + "/../";
        std::ifstream in(stages + folder + "/server.cpp");
        std::vector<std::string> lines;
        for (std::string line; std::getline(in, line);) lines.push_back(line);
        return lines;
    };
    const auto threads = source("02-thread-per-client"),
               fibers = source("07-fiber-per-client");
    ASSERT_EQ(threads.size(), fibers.size());
    int differ = 0;
    for (std::size_t i = 0; i < threads.size(); ++i)
        differ += threads[i] != fibers[i];
    EXPECT_GT(differ, 0);
    EXPECT_LT(differ, 10);
}

}  // namespace
}  // namespace rendezvous::harness

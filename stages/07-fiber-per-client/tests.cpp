// What stage 07 promises beyond the contract of every echo server: one fiber
// per client, all of them on one thread, and the source of stage 02.
#include <gmock/gmock.h>

#include <fstream>
#include <string>
#include <vector>

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
    std::vector<client*> all;
    for (int n = 1; n <= 10; ++n) {
        all.push_back(&connect("client " + std::to_string(n)));
        const auto count = std::to_string(n);
        expect_fibers(std::to_string(n + 1) + " fibers: " + count +
                      " handle_client, 1 main");
    }
    for (auto* one : all) one->close();
    expect_fibers("1 fibers: 1 main");
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

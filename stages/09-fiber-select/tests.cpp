// What stage 09 promises beyond the contract of every chat server: 2n+2 tasks,
// and nearly the same source for fibers and for threads.
#include <gmock/gmock.h>

#include <algorithm>
#include <fstream>
#include <string>
#include <vector>

#include "tests/harness/server_test.hpp"

namespace rendezvous::harness {
namespace {

using testing::HasSubstr;
using testing::Not;

std::vector<std::string> source(const std::string& file) {
    std::ifstream in(current_settings().stage_path + "/" + file);
    std::vector<std::string> lines;
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    return lines;
}

class FiberSelect : public server_test {
protected:
    static bool on_threads() {
        const auto& program = current_settings().command.front();
        return program.find("on-threads") != std::string::npos;
    }

    static std::string tasks_of(int n) {
        const auto count = std::to_string(n);
        const auto of_clients =
            n == 0 ? std::string()
                   : count + " client_writer, " + count + " handle_client, ";
        return std::to_string(2 * n + 2) +
               (on_threads() ? " threads" : " fibers") + ": 1 broadcaster, " +
               of_clients + "1 main";
    }
};

TEST_F(FiberSelect, NClientsAreServedByTwoNPlusTwoTasks) {
    expect_tasks(tasks_of(0));
    for (int n = 1; n <= 10; ++n) {
        enter("client " + std::to_string(n));
        expect_tasks(tasks_of(n));
    }
}

TEST_F(FiberSelect, BothTasksOfAClientFinishWhenItLeaves) {
    auto& alice = enter("alice");
    enter("bob");
    leave(alice);
    expect_tasks(tasks_of(1));
}

TEST_F(FiberSelect, KernelSeesTheTasksOnlyWhereTheyAreThreads) {
    enter("alice");
    enter("bob");
    const auto names = server().program().thread_names();
    const auto count = [&](const std::string& name) {
        return std::count(names.begin(), names.end(), name);
    };
    const int of_each = on_threads() ? 2 : 0;
    EXPECT_EQ(count("handle_client"), of_each);
    EXPECT_EQ(count("client_writer"), of_each);
    EXPECT_EQ(count("broadcaster"), of_each / 2);
}

TEST_F(FiberSelect, SourceContainsNoMutexAndNoFlag) {
    for (const auto* file : {"server.cpp", "on_threads.cpp"}) {
        ASSERT_FALSE(source(file).empty());
        for (const auto& line : source(file))
            for (const auto* word : {"mutex", "lock", "atomic", "bool"})
                EXPECT_THAT(line, Not(HasSubstr(word))) << file;
    }
}

TEST_F(FiberSelect, SourceHasAtMost75LinesOfCode) {
    const auto is_code = [](const std::string& line) {
        const auto start = line.find_first_not_of(' ');
        return start != std::string::npos && line.compare(start, 2, "//") != 0;
    };
    const auto text = source("server.cpp");
    ASSERT_FALSE(text.empty());
    EXPECT_LE(std::count_if(text.begin(), text.end(), is_code), 75);
}

TEST_F(FiberSelect, SourceOnThreadsDiffersInFewerThanTenLines) {
    const auto fibers = source("server.cpp"),
               threads = source("on_threads.cpp");
    ASSERT_EQ(fibers.size(), threads.size());
    int differ = 0;
    for (std::size_t i = 0; i < fibers.size(); ++i)
        differ += fibers[i] != threads[i];
    EXPECT_GT(differ, 0);
    EXPECT_LT(differ, 10);
}

}  // namespace
}  // namespace rendezvous::harness

// How the judge itself behaves: what it is told, how it ends, and what it leaves behind.
#include <gmock/gmock.h>
#include <signal.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/harness/process.hpp"
#include "tests/harness/text.hpp"

namespace rendezvous::harness {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

using words = std::vector<std::string>;
using variables = std::map<std::string, std::string>;

const std::string manifest = "tests/broken/manifests/chat-that-queues";
const words correct = {"broken", "--port", "{port}"};

launch contracts(words options, const words& server, variables environment = {}) {
    words argv{"contracts", "--stage", manifest};
    argv.insert(argv.end(), options.begin(), options.end());
    argv.push_back("--");
    argv.insert(argv.end(), server.begin(), server.end());
    environment.emplace("COLUMNS", "80");
    return {.argv = argv, .environment = environment};
}

std::string contents(const fs::path& file) {
    std::ostringstream text;
    text << std::ifstream(file).rdbuf();
    return text.str();
}

// A program that has ended may still wait for its parent to ask for its status.
bool has_ended(const std::string& pid) {
    const auto state = contents("/proc/" + pid + "/stat");
    return state.empty() || state.find(") Z ") != std::string::npos;
}

class Judge : public testing::Test {
protected:
    Judge() { fs::create_directories(folder); }
    ~Judge() override { fs::remove_all(folder); }

    const fs::path folder =
        fs::temp_directory_path() / ("judge-tests-" + std::to_string(::getpid()));
};

// Nothing judged is no success: `false` must never pass.

struct nothing {
    const char* name;
    words options;
    variables environment;
    const char* says;
};
void PrintTo(const nothing& row, std::ostream* out) { *out << row.name; }

class NothingJudged : public testing::TestWithParam<nothing> {};

TEST_P(NothingJudged, IsAnErrorWithItsReason) {
    const auto& row = GetParam();
    auto end = run(contracts(row.options, {"false", "{port}"}, row.environment), 60s);
    EXPECT_TRUE(exited_with(end.status, 2)) << describe_status(end.status) << "\n" << end.out;
    EXPECT_THAT(end.err, AllOf(HasSubstr("contracts: nothing was judged"), HasSubstr(row.says)));
}

INSTANTIATE_TEST_SUITE_P(
    Because, NothingJudged,
    testing::ValuesIn<nothing>({
        {"OnlyIsMisspelt", {"--only", "Chat.Tpyo"}, {}, "no test ran"},
        {"FilterIsMisspelt", {"--gtest_filter=Chat.Tpyo"}, {}, "no test ran"},
        {"SuiteIsNotForThisKindOfServer", {"--only", "echo"}, {}, "no test ran"},
        {"EnvironmentFilters", {}, {{"GTEST_FILTER", "Chat.Tpyo"}}, "GTEST_FILTER=Chat.Tpyo"},
        {"EnvironmentRepeatsNothing", {}, {{"GTEST_REPEAT", "0"}}, "GTEST_REPEAT=0"},
        {"EnvironmentTakesAnEmptyShard",
         {"--only", "Chat.EmptyLineIsALine"},
         {{"GTEST_TOTAL_SHARDS", "2"}, {"GTEST_SHARD_INDEX", "1"}},
         "GTEST_SHARD_INDEX=1"},
        {"AllWasSkipped",
         {"--foreign", "--only", "Chat.*Ipv6*"},
         {},
         "was skipped: only a server\n  that takes --host"},
    }),
    [](const auto& row) { return row.param.name; });

TEST_F(Judge, ExerciseIsNotSolvedIfNothingWasTested) {
    auto end = run({.argv = {"contracts", "--stage", "stages/09-fiber-select", "--exercise",
                             "close-the-gap", "--", "false", "{port}"},
                    .environment = {{"GTEST_REPEAT", "0"}}},
                   60s);
    EXPECT_TRUE(exited_with(end.status, 2)) << describe_status(end.status);
    EXPECT_THAT(end.out, Not(HasSubstr("solved")));
    EXPECT_THAT(end.err, HasSubstr("nothing was judged"));
}

// Its end before its time.

TEST_F(Judge, InterruptPrintsTheResultsSoFarAndEndsAllPrograms) {
    const auto pid_file = folder / "pid";
    process judge(contracts({"--only", "chat"}, {"sh", "-c",
                                                 "sleep 1000 & printf '%s\\n' $! $$ >> '" +
                                                     pid_file.string() + "'; exec broken --port $1",
                                                 "sh", "{port}"}));
    ASSERT_TRUE(eventually(30s, [&] { return judge.out().find("  ok") != std::string::npos; }));
    judge.signal(SIGINT);
    auto status = judge.wait(deadline(20s));
    ASSERT_TRUE(status);
    judge.await_output(deadline(10s));
    EXPECT_TRUE(exited_with(*status, 130)) << describe_status(*status);
    const auto printed = judge.out();
    EXPECT_THAT(printed, AllOf(HasSubstr("\n  Holds:\n    chat  "), HasSubstr("\n  Not tried:\n"),
                               HasSubstr("\nInterrupted. "), HasSubstr(" 0 failed, "),
                               HasSubstr(" were not tried.\n")));
    for (const auto& pid : split_lines(contents(pid_file)))
        EXPECT_TRUE(eventually(10s, [&] { return has_ended(pid); })) << printed;
}

TEST_F(Judge, RunThatIsOutOfTimeNamesTheTestsThatDidNotRun) {
    auto end = run(contracts({"--within", "1"}, correct), 60s);
    EXPECT_TRUE(exited_with(end.status, 2)) << describe_status(end.status) << end.out << end.err;
    EXPECT_THAT(end.out, AllOf(HasSubstr("\n  Not tried:\n"), HasSubstr("\nStopped after 1 s. "),
                               HasSubstr(" were not tried.\n")));
}

TEST_F(Judge, QuickSelectsTheCapabilitiesInStageJson) {
    auto end = run(contracts({"--quick"}, correct), 70s);
    EXPECT_TRUE(exited_with(end.status, 0)) << end.out << end.err;
    EXPECT_THAT(end.out, AllOf(HasSubstr("\nLast lines\n"), Not(HasSubstr("\nHostile lines\n")),
                               HasSubstr("--quick repeats its attempts less often")));
}

// For programs.

TEST_F(Judge, JsonReportHoldsTheResults) {
    const auto file = folder / "result.json";
    auto end = run(contracts({"--only", "Chat.EmptyLine*", "--json", file.string()},
                             {"broken", "--fault", "drops-empty-lines", "--port", "{port}"}),
                   60s);
    EXPECT_TRUE(exited_with(end.status, 1));
    EXPECT_THAT(contents(file), AllOf(HasSubstr("\"status\": 1"), HasSubstr("\"score\": 0.0"),
                                      HasSubstr("\"name\": \"Chat.EmptyLineIsALine\""),
                                      HasSubstr("\"reason\": \"bob expected `alice: `, but came")));
    end = run(contracts({"--json", file.string(), "--only", "Chat.Tpyo"}, correct), 60s);
    EXPECT_TRUE(exited_with(end.status, 2));
    EXPECT_THAT(contents(file),
                AllOf(HasSubstr("\"status\": 2"), HasSubstr("\"problem\": \"nothing was judged")));
}

TEST_F(Judge, SummaryRepeatsTheCommandThatWasTyped) {
    auto end = run(contracts({"--foreign", "--called-as", "./course test 9", "--only", "chat"},
                             {"broken", "--fault", "drops-empty-lines", "--port", "{port}"}),
                   60s);
    EXPECT_THAT(end.out, HasSubstr("\n    ./course test 9 --only Chat.EmptyLineIsALine -- broken "
                                   "--fault \\\n      drops-empty-lines --port {port}\n"));
}

// What the machine does not have.

TEST_F(Judge, WithoutIpv6OneTestIsSkippedAndSaysWhy) {
    const std::string no_ipv6 =
        "ip link set lo up && echo 1 > /proc/sys/net/ipv6/conf/lo/disable_ipv6 && "
        "ip link add v0 type veth peer name v1 && ip link set v0 up && "
        "ip -6 address add fd00::1/64 dev v0 && exec \"$@\"";
    const words in_a_network_of_its_own = {"unshare", "--user", "--map-root-user", "--net",
                                           "sh",      "-c",     no_ipv6,           "sh"};
    const auto there = [&](words argv) {
        argv.insert(argv.begin(), in_a_network_of_its_own.begin(), in_a_network_of_its_own.end());
        return run({.argv = argv}, 60s);
    };
    try {
        if (!exited_with(there({"true"}).status, 0))
            GTEST_SKIP() << "no network without IPv6 can be made here";
    } catch (const setup_error& why) {
        GTEST_SKIP() << why.what();
    }
    const auto judging = contracts({"--only", "Chat.Newcomer*"}, correct);
    auto end = there(judging.argv);
    EXPECT_TRUE(exited_with(end.status, 0)) << end.out << end.err;
    EXPECT_THAT(end.out, HasSubstr("\n  Not tried:\n    newcomer over ipv6 is told its address in "
                                   "brackets: this machine has no ::1,\n"));
}

}  // namespace
}  // namespace rendezvous::harness

// What ./course crowd prints, without a terminal.
#include <gmock/gmock.h>

#include <filesystem>
#include <iterator>
#include <regex>
#include <sstream>

#include "tests/demo/cost.hpp"
#include "tests/harness/text.hpp"

namespace rendezvous::demo {
namespace {

using harness::exited_with;
using harness::outcome;
using testing::AllOf;
using testing::Each;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;
using testing::StartsWith;
namespace fs = std::filesystem;
using namespace std::chrono_literals;

// CMakeLists.txt sets these.
const fs::path crowd_program = CROWD, stages = fs::path(SOURCES) / "stages";
const std::string stand_in = fs::path(SOURCES) / "tests/demo/stand_in.py";

outcome run_crowd(const std::string& stage, std::vector<std::string> more) {
    std::vector<std::string> words = {crowd_program, "--stage", stages / stage};
    words.insert(words.end(), more.begin(), more.end());
    return harness::run({.argv = words}, 100s);
}

// The cells of the last row of the table for so many clients.
std::vector<std::string> row_of(const outcome& result, const std::string& clients) {
    std::vector<std::string> cells;
    for (const auto& line : harness::split_lines(result.out)) {
        auto row = std::regex_replace(line, std::regex(" (KB|MB|ms|s)\\b"), "$1");
        std::istringstream words(row);
        std::vector<std::string> these{std::istream_iterator<std::string>(words), {}};
        if (these.size() == 6 && these[0] == clients) cells = these;
    }
    return cells;
}

TEST(Crowd, ThreadsGrowWithTheClientsOfStage02) {
    auto result = run_crowd("02-thread-per-client", {"100"});
    ASSERT_TRUE(exited_with(result.status, 0)) << result.out << result.err;
    for (const char* clients : {"0", "1", "10", "100"})
        EXPECT_THAT(row_of(result, clients), SizeIs(6u)) << clients << "\n" << result.out;
    EXPECT_EQ(row_of(result, "0")[1], "2");
    EXPECT_EQ(row_of(result, "10")[1], "12");
    EXPECT_EQ(row_of(result, "100")[1], "102");
    EXPECT_THAT(result.out, testing::ContainsRegex("Each client costs [89][.]. MB of address"));
    EXPECT_THAT(result.out, HasSubstr("and 1 thread.\n"));
    EXPECT_THAT(result.out, Not(HasSubstr("\x1b")));
    EXPECT_THAT(harness::split_lines(result.out), Each(SizeIs(testing::Le(80u))));
}

TEST(Crowd, StaysOnOneThreadInStage07AndItsFibersAreListed) {
    auto result = run_crowd("07-fiber-per-client", {"10"});
    ASSERT_TRUE(exited_with(result.status, 0)) << result.out << result.err;
    EXPECT_EQ(row_of(result, "10")[1], "1") << result.out;
    EXPECT_THAT(result.out, HasSubstr("and no thread.\n"));
    EXPECT_THAT(result.out, HasSubstr("11 fibers: 10 handle_client, 1 main"));
}

TEST(Crowd, SaysHowManyConnectionsTheServerHasAccepted) {
    auto result = run_crowd("01-sequential-echo", {"10"});
    ASSERT_TRUE(exited_with(result.status, 0)) << result.out << result.err;
    EXPECT_EQ(row_of(result, "0")[1], row_of(result, "10")[1]) << result.out;
    auto alone = std::stoi(row_of(result, "0")[4]);
    EXPECT_EQ(std::stoi(row_of(result, "10")[4]), alone + 1) << result.out;
    EXPECT_THAT(result.out, HasSubstr("The server has accepted 1 of 10 connections: "));
}

TEST(Crowd, EveryLineOfAChatReachesEveryClient) {
    auto result = run_crowd("09-fiber-select", {"20", "--chat"});
    ASSERT_TRUE(exited_with(result.status, 0)) << result.out << result.err;
    EXPECT_THAT(result.out, HasSubstr("20 clients sent one line each, and 400 lines came within "));
}

TEST(Crowd, EveryLineOfAnEchoReachesItsSender) {
    auto result = run_crowd("07-fiber-per-client", {"20", "--chat"});
    ASSERT_TRUE(exited_with(result.status, 0)) << result.out << result.err;
    EXPECT_THAT(result.out, HasSubstr("20 clients sent one line each, and 20 lines came within "));
}

TEST(Crowd, MissingLinesAreCounted) {
    auto result =
        run_crowd("09-fiber-select", {"5", "--chat", "--", "python3", stand_in, "{port}", "mute"});
    EXPECT_THAT(result.out, HasSubstr("Of 25 lines that should have come, 0 came.\n"));
}

TEST(Crowd, MeasuresAServerOfAnyCommand) {
    auto result =
        run_crowd("07-fiber-per-client", {"10", "--", "python3", stand_in, "{port}", "echo"});
    ASSERT_TRUE(exited_with(result.status, 0)) << result.out << result.err;
    EXPECT_EQ(row_of(result, "10")[1], "11") << result.out;
}

TEST(Crowd, NamesAMistakeInItsOptions) {
    for (const char* clients : {"0", "many", "20001"}) {
        auto result = run_crowd("07-fiber-per-client", {clients});
        EXPECT_TRUE(exited_with(result.status, 2)) << clients;
        EXPECT_EQ(harness::split_lines(result.err).size(), 1u) << result.err;
    }
}

TEST(Crowd, SizesAreShownInTheUnitThatFits) {
    EXPECT_EQ(size(11'264), "11 KB");
    EXPECT_EQ(size(999'600), "1.0 MB");
    EXPECT_EQ(size(14'912'000), "14.9 MB");
    EXPECT_EQ(size(8'276'684'000), "8,277 MB");
    EXPECT_EQ(grouped(1'234'567), "1,234,567");
}

}  // namespace
}  // namespace rendezvous::demo

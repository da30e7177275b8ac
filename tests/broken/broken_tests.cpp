// The tests are tested: a correct server passes them, each mistake is caught by the check that is
// meant for it, and what is printed then is what a golden file holds, word for word.
//
//     broken-tests --update      writes the golden files anew, to be read before they are committed
#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>

#include "tests/broken/faults.hpp"
#include "tests/harness/process.hpp"
#include "tests/harness/text.hpp"

namespace rendezvous::harness {
namespace {

namespace fs = std::filesystem;
using broken::faults;
using testing::AllOf;
using testing::HasSubstr;

const fs::path golden = "tests/broken/golden";
bool updating = false;

// What is run: `contracts OPTIONS --gtest_filter=FILTER -- broken SERVER --port {port}`.
struct performance {
    std::string name;  // golden/NAME.txt
    std::vector<std::string> options, server;
    std::string filter;
    int status = 1;
};

// Instead of the bytes of the row.
void PrintTo(const performance& one, std::ostream* out) { *out << one.name; }

std::string manifest(const std::string& name) { return "tests/broken/manifests/" + name; }

std::vector<std::string> server_for(const std::string& judged_as) {
    if (judged_as == broken::echo) return {"--kind", "echo"};
    if (judged_as == broken::waits) return {"--slow", "wait"};
    return {};
}

std::vector<performance> all_performances() {
    std::vector<performance> all;
    for (const auto& fault : faults) {
        auto server = server_for(fault.judged_as);
        server.insert(server.end(), {"--fault", fault.name});
        all.push_back(
            {fault.name, {"--stage", manifest(fault.judged_as)}, server, fault.caught_by});
    }
    const std::string newcomer = "NewcomerMissesNothing.*", many = "ManyClients.Two*";
    const std::vector<std::string> echo{"--kind", "echo"},
        one_at_a_time{"--kind", "echo", "--fault", "one-at-a-time"};
    const std::vector<performance> more = {
        // Manifests that lie, in both directions, and those that tell the truth.
        {"manifest-too-modest", {"--stage", manifest("chat-too-modest")}, {}, newcomer},
        {"manifest-too-proud", {"--stage", manifest("chat-too-proud")}, {}, "SlowReaderBounded.*"},
        {"manifest-too-modest-echo", {"--stage", manifest("echo-too-modest")}, echo, many},
        {"manifest-too-proud-echo", {"--stage", manifest("echo")}, one_at_a_time, many},
        {"manifest-true", {"--stage", manifest("echo-too-modest")}, one_at_a_time, many, 0},
        // It does not know how to say what it can: better is praised, worse is worse.
        {"foreign-better", {"--foreign", "--stage", manifest("chat-too-modest")}, {}, newcomer, 0},
        {"foreign-worse",
         {"--foreign", "--stage", manifest("chat-too-proud")},
         {},
         "SlowReaderBounded.*"},
        // What a run says at its end.
        {"summary",
         {"--stage", manifest(broken::queues)},
         {"--fault", "drops-empty-lines"},
         "Chat.*Line*:HostileLines.*Line*-*.EndlessLine*:*.LinesBefore*"},
        {"first-contact-fails",
         {"--stage", manifest(broken::queues)},
         {"--fault", "names-the-wrong-port"},
         "*"},
        {"summary-of-one-reason",
         {"--keep-going", "--stage", manifest(broken::queues)},
         {"--fault", "names-the-wrong-port"},
         "Chat.*:Order.*:ExactlyOnce.*-*Ipv6*:*Netcat"},
    };
    all.insert(all.end(), more.begin(), more.end());
    return all;
}

outcome contracts(const performance& what) {
    std::vector<std::string> argv{"contracts"};
    argv.insert(argv.end(), what.options.begin(), what.options.end());
    argv.insert(argv.end(), {"--gtest_filter=" + what.filter, "--", "broken"});
    argv.insert(argv.end(), what.server.begin(), what.server.end());
    argv.insert(argv.end(), {"--port", "{port}"});
    return run({.argv = argv}, 120s);
}

// What is different in every run.  Some of it changes where lines break: `length` says so.
struct masked {
    std::string text;
    bool length = false;
};

masked mask(std::string text) {
    auto replace = [&](std::string pattern, const char* with) {
        // A space may have become the end of a line.
        auto before = text;
        text = std::regex_replace(text, std::regex(replace_all(pattern, " ", "\\s+")), with);
        return text != before;
    };
    replace("(127\\.0\\.0\\.1|\\[::1\\]):\\d+", "$1:PORT");
    replace("port [1-9]\\d{3,}", "port PORT");
    replace("\\([0-9.]+ m?s\\)(:|\n)", "(TIME)$1");
    replace(", in [0-9.]+ m?s\\.\n", ", in TIME.\n");
    // Only where gdb is installed.
    text = std::regex_replace(text, std::regex("\\s+As gdb sees it[^]*?\n\n"), "\n\n");
    bool length = false;
    for (const auto& [pattern, with] : std::vector<std::pair<const char*, const char*>>{
             {"the kernel's [\\w.]+", "the kernel's FUNCTION"},
             {"runnable in \\d+ of 25 samples", "runnable in MOST of 25 samples"},
             {"used [0-9.]+ m?s of processor time within [0-9.]+ m?s",
              "used TIME of processor time within TIME"},
             {"(grew by|after|After) \\d+ MB", "$1 SOME MB"},
             {"in \\d+ of \\d+ tries", "in SOME of ALL tries"},
             {"client \\d+: \\d+\\.\\d+", "client N: N.N"},
             {"[Cc]lient \\d+ received `client", "Client N received `client"},
             {"received \\d+ lines? that", "received SOME lines that"},
             {"`[^`]*` the (first|last) of them", "`LINE` the $1 of them"}})
        length |= replace(pattern, with);
    return {text, length};
}

std::string contents(const fs::path& file) {
    std::ostringstream text;
    text << std::ifstream(file).rdbuf();
    return text.str();
}

std::string without_line_ends(const std::string& text) {
    return std::regex_replace(text, std::regex("\\s+"), " ");
}

class Transcript : public testing::TestWithParam<performance> {};

TEST_P(Transcript, MatchesTheGoldenFile) {
    const auto& what = GetParam();
    auto end = contracts(what);
    auto printed = mask(end.out);
    EXPECT_TRUE(exited_with(end.status, what.status)) << describe_status(end.status);
    EXPECT_EQ(end.err, "");

    auto file = golden / (what.name + ".txt");
    if (updating) {
        fs::create_directories(golden);
        std::ofstream(file) << printed.text;
        return;
    }
    auto expected = contents(file);
    if (printed.text == expected) return;
    if (printed.length && without_line_ends(printed.text) == without_line_ends(expected)) return;

    auto now = fs::path(BIN) / ".." / "broken-now" / (what.name + ".txt");
    fs::create_directories(now.parent_path());
    std::ofstream(now) << printed.text;
    auto difference = run({.argv = {"diff", "-u", fs::exists(file) ? file.string() : "/dev/null",
                                    now.lexically_normal().string()}},
                          10s);
    ADD_FAILURE() << "What is printed is not what " << file.string() << " holds:\n\n"
                  << difference.out
                  << "\nWhere the new words are better, write them there and read them once more:\n"
                  << "  build/release/bin/broken-tests --update --gtest_filter=*/"
                  << camel_case(replace_all(what.name, "-", " ")) << "\n";
}

INSTANTIATE_TEST_SUITE_P(Of, Transcript, testing::ValuesIn(all_performances()),
                         [](const auto& row) {
                             return camel_case(replace_all(row.param.name, "-", " "));
                         });

TEST(Transcripts, ThereIsOneForEachFaultAndNoOther) {
    std::set<std::string> names, files;
    for (const auto& one : all_performances()) names.insert(one.name + ".txt");
    for (const auto& entry : fs::directory_iterator(golden)) {
        auto file = entry.path().filename().string();
        if (updating && !names.count(file))
            fs::remove(entry.path());
        else
            files.insert(file);
    }
    for (const auto& name : names)
        EXPECT_TRUE(files.count(name))
            << "there is no " << golden / name << ": broken-tests --update writes it";
    for (const auto& file : files)
        EXPECT_TRUE(names.count(file)) << "nothing prints what stands in " << golden / file
                                       << ": broken-tests --update takes it away";
}

// The same checks, and all others, on the same server when it makes no mistake.
class Correct : public testing::TestWithParam<const char*> {};

TEST_P(Correct, ServerKeepsAllContracts) {
    auto end = contracts({"", {"--stage", manifest(GetParam())}, server_for(GetParam()), "*"});
    EXPECT_TRUE(exited_with(end.status, 0)) << end.out << end.err;
    EXPECT_THAT(end.out, HasSubstr(" tests, all as it should be, in "));
    for (const auto& fault : faults) {
        if (fault.judged_as != std::string(GetParam())) continue;
        const std::string check = fault.caught_by;
        EXPECT_THAT(end.out, HasSubstr("  ok      " + sentence(check.substr(check.find('.') + 1))))
            << "is what catches " << fault.name;
    }
}

INSTANTIATE_TEST_SUITE_P(As, Correct, testing::Values(broken::queues, broken::waits, broken::echo),
                         [](const auto& row) {
                             return camel_case(replace_all(row.param, "-", " "));
                         });

TEST(Faults, AreExplainedAndAnUnknownOneIsRefused) {
    auto help = run({.argv = {"broken", "--help"}}, 10s);
    EXPECT_TRUE(exited_with(help.status, 0));
    for (const auto& fault : faults) EXPECT_THAT(help.out, HasSubstr(fault.does));
    auto unknown = run({.argv = {"broken", "--fault", "forgets-everything"}}, 10s);
    EXPECT_TRUE(exited_with(unknown.status, 2));
    EXPECT_EQ(unknown.err, "there is no fault 'forgets-everything': see --help\n");
}

}  // namespace
}  // namespace rendezvous::harness

int main(int argc, char** argv) {
    using namespace rendezvous::harness;
    testing::InitGoogleMock(&argc, argv);
    for (int i = 1; i < argc; ++i)
        if (std::string(argv[i]) == "--update") updating = true;
    // So that both are called by their names alone, wherever they were built: paths differ in
    // length.
    ::setenv("PATH", (BIN ":" + std::string(std::getenv("PATH"))).c_str(), 1);
    return RUN_ALL_TESTS();
}

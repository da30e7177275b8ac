// The demo as a class sees it: of every program of every stage, and of servers that are made to
// fail.
#include <gmock/gmock.h>
#include <signal.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <sstream>

#include "tests/demo/scenes.hpp"
#include "tests/harness/manifest.hpp"
#include "tests/harness/server_process.hpp"
#include "tests/harness/text.hpp"

namespace rendezvous::demo {
namespace {

using harness::exited_with;
using harness::kind;
using harness::manifest;
using harness::outcome;
using testing::AllOf;
using testing::Each;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;
using testing::StartsWith;
namespace fs = std::filesystem;

// What CMakeLists.txt says of the build.
const fs::path demo = DEMO, sources = SOURCES;

std::string contents(const fs::path& path) {
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
}

outcome run_demo(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), demo);
    return harness::run({.argv = arguments}, 100s);
}

// The addresses of the book in the place of those that came, in the order in which they came.
std::string as_in_the_book(const std::string& text) {
    std::map<std::string, std::string> ports;
    auto next = std::vector<std::string>{"64216", "64211", "64208"};
    auto masked = [&](std::string cell) {
        cell = std::regex_replace(cell, std::regex("localhost [0-9]+"), "localhost 8000");
        std::smatch found;
        if (!std::regex_search(cell, found, std::regex("127[.]0[.]0[.]1:([0-9]+)"))) return cell;
        auto& port = ports[found[1]];
        if (port.empty() && !next.empty()) {
            port = next.back();
            next.pop_back();
        }
        return found.prefix().str() + "127.0.0.1:" + port + found.suffix().str();
    };
    std::string result;
    for (const auto& line : harness::split_lines(text)) {
        auto left = masked(line.substr(0, line.find_last_not_of(' ', 39) + 1));
        auto right = line.size() > 40 ? masked(line.substr(40)) : "";
        if (!right.empty()) left.resize(40, ' ');
        result += left + right + "\n";
    }
    return result;
}

std::string between(const std::string& text, const std::string& begin, const std::string& end) {
    auto from = text.find(begin);
    if (from == std::string::npos) return "";
    from += begin.size();
    return text.substr(from, text.find(end, from) - from);
}

// A sentence may be broken anywhere.
std::string unbroken(const std::string& text) {
    return std::regex_replace(text, std::regex("\\s+"), " ");
}

void expect_to_be_shown_on_any_screen(const std::string& text) {
    EXPECT_THAT(harness::split_lines(text), Each(SizeIs(testing::Le(80u))));
    EXPECT_THAT(text, Not(HasSubstr("\x1b"))) << "no colors in a pipe";
    EXPECT_THAT(text, Not(HasSubstr("\n\n\n")));
    EXPECT_THAT(text, Not(HasSubstr(" \n")));
}

// --- The stages of the course
// -----------------------------------------------------------------------

struct program {
    std::string stage, name;
};
void PrintTo(const program& one, std::ostream* out) { *out << one.name; }

// server.cpp is 09-fiber-select, and on_threads.cpp beside it 09-fiber-select-on-threads.
std::vector<program> all_programs() {
    std::map<std::string, program> all;
    for (const auto& folder : fs::directory_iterator(sources / "stages")) {
        if (!fs::exists(folder.path() / "stage.json")) continue;
        auto stage = folder.path().filename().string();
        for (const auto& file : fs::directory_iterator(folder)) {
            auto name = file.path().stem().string();
            if (file.path().extension() != ".cpp" || name == "tests") continue;
            auto suffix = name == "server" || name == "client"
                              ? std::string()
                              : "-" + harness::replace_all(name, "_", "-");
            all[stage + suffix] = {stage, stage + suffix};
        }
    }
    std::vector<program> sorted;
    for (const auto& [name, one] : all) sorted.push_back(one);
    return sorted;
}

class OfAProgram : public testing::TestWithParam<program> {};

TEST_P(OfAProgram, ShowsWhatItCanDoAndWhatItCannot) {
    auto folder = sources / "stages" / GetParam().stage;
    auto stage = harness::read_manifest(folder);
    auto [status, out, err] = run_demo({"--stage", folder, "--program", GetParam().name});
    if (stage.kind == kind::client) {
        EXPECT_TRUE(exited_with(status, 2));
        EXPECT_THAT(err, StartsWith(stage.folder + " is the client, not a server"));
        return;
    }
    ASSERT_TRUE(exited_with(status, 0)) << harness::describe_status(status) << "\n" << out << err;
    EXPECT_EQ(err, "");
    EXPECT_THAT(out, StartsWith(stage.folder + ": " + stage.question + "\n"));
    if (stage.kind == kind::chat) {
        EXPECT_EQ(as_in_the_book(between(out, "is printed in the book\n\n", "\n2. ")),
                  contents(sources / "tests/demo/the_book.txt"));
    }
    for (const auto& [capability, promise] : stage.capabilities) {
        auto heading = "What it cannot do: " + capability + "\n";
        bool shown = out.find(heading) != std::string::npos;
        EXPECT_EQ(shown, promise == harness::promise::missing) << capability;
    }
    EXPECT_THAT(out, HasSubstr("later: exit status 0.\n"));
    EXPECT_THAT(out, HasSubstr("README.md\n"));
    expect_to_be_shown_on_any_screen(harness::replace_all(out, sources.string() + "/", ""));
}

INSTANTIATE_TEST_SUITE_P(Course, OfAProgram, testing::ValuesIn(all_programs()),
                         [](const auto& tested) {
                             return harness::replace_all(tested.param.name, "-", "_");
                         });

TEST(Demo, ComparesTheCostOfTwoStagesWithTheSamePromises) {
    const std::string heading = "\n3. What a thousand clients cost\n";
    auto of_fibers = run_demo({"--stage", sources / "stages/07-fiber-per-client"});
    ASSERT_TRUE(exited_with(of_fibers.status, 0)) << of_fibers.out << of_fibers.err;
    EXPECT_THAT(of_fibers.out, HasSubstr(heading));
    // Clients, then threads, memory and address space of stage 02 and of stage 07.
    EXPECT_THAT(of_fibers.out,
                testing::ContainsRegex("\n +1,000 +1,002 +[0-9.]+ MB +[0-9]+,[0-9]+ MB"
                                       " +1 +[0-9.]+ MB +[0-9.]+ MB\n"));
    expect_to_be_shown_on_any_screen(
        harness::replace_all(of_fibers.out, sources.string() + "/", ""));
    auto of_threads = run_demo({"--stage", sources / "stages/02-thread-per-client"});
    EXPECT_THAT(of_threads.out, Not(HasSubstr("What a thousand clients cost")));
}

TEST(Demo, HasASceneForEveryCapabilityThatAStageMayMiss) {
    for (const auto& one : harness::capabilities()) {
        bool has_scene = std::any_of(scenes.begin(), scenes.end(),
                                     [&](const scene& s) { return s.capability == one.name; });
        EXPECT_EQ(has_scene, one.observable) << one.name;
    }
}

// --- Servers that are made to fail
// ------------------------------------------------------------------

class OfAStandIn : public testing::Test {
protected:
    // A stage with these capabilities missing, and the server stand_in.py in the place of its own.
    outcome play(const std::string& kind, const std::vector<std::string>& lacks,
                 const std::string& way) {
        std::string says;
        for (const auto& one : harness::capabilities()) {
            if (one.always || !(kind == "echo" ? one.for_echo : one.for_chat)) continue;
            bool is_missing = std::find(lacks.begin(), lacks.end(), one.name) != lacks.end();
            says += (says.empty() ? "" : ", ") + ("\"" + one.name + "\": ") +
                    (is_missing ? "\"missing\"" : "\"holds\"");
        }
        auto folder =
            fs::path(testing::TempDir()) / ("demo-" + std::to_string(::getpid())) / "77-x";
        fs::create_directories(folder);
        std::ofstream(folder / "stage.json")
            << R"({"title": "X", "question": "what if?", "builds_on": null, "kind": ")" << kind
            << R"(", "model": "x", "minutes": 1, "exercises": [], "capabilities": {)" << says
            << "}}";
        auto result = run_demo({"--stage", folder, "--", "python3",
                                sources / "tests/demo/stand_in.py", "{port}", way});
        fs::remove_all(folder.parent_path());
        expect_to_be_shown_on_any_screen(
            harness::replace_all(result.out, folder.parent_path().string(), ""));
        EXPECT_EQ(result.err, "");
        return result;
    }

    static void expect_failure(const outcome& result, const std::string& sentence) {
        EXPECT_TRUE(exited_with(result.status, 1)) << result.out;
        EXPECT_THAT(unbroken(result.out), HasSubstr(sentence));
        EXPECT_THAT(result.out, HasSubstr("The demo failed\n"));
    }
};

TEST_F(OfAStandIn, NothingIsMissing) {
    auto result = play("chat", {}, "chat");
    EXPECT_TRUE(exited_with(result.status, 0));
    EXPECT_THAT(result.out, HasSubstr("Nothing is missing"));
}

TEST_F(OfAStandIn, SlowReaderCostsMemory) {
    auto result = play("chat", {"slow reader bounded"}, "chat");
    EXPECT_TRUE(exited_with(result.status, 0)) << result.out;
    EXPECT_THAT(result.out, HasSubstr("60.0 MB"));
    EXPECT_THAT(result.out, HasSubstr("all 15,000 lines"));
}

TEST_F(OfAStandIn, LastLinesAreLost) {
    auto result = play("chat", {"last lines"}, "hurried");
    EXPECT_TRUE(exited_with(result.status, 0)) << result.out;
    EXPECT_THAT(result.out, HasSubstr("\n(missing)\n$\n"));
}

TEST_F(OfAStandIn, EchoOfManySideBySide) {
    auto result = play("echo", {}, "echo");
    EXPECT_TRUE(exited_with(result.status, 0)) << result.out;
    EXPECT_EQ(as_in_the_book(between(result.out, "side by side\n\n", "\n2. ")),
              "$ ./course chat localhost 8000          $ ./course chat localhost 8000\n"
              "Hello!\n"
              "Hello!\n"
              "                                        Is there an echo?\n"
              "                                        Is there an echo?\n"
              "One.                                    Two.\n"
              "One.                                    Two.\n"
              "^D\n"
              "$                                       Still here?\n"
              "                                        Still here?\n"
              "                                        ^D\n"
              "                                        $\n");
}

TEST_F(OfAStandIn, EchoOfOneAtATime) {
    auto result = play("echo", {"many clients"}, "one-at-a-time");
    EXPECT_TRUE(exited_with(result.status, 0)) << result.out;
    EXPECT_THAT(result.out, HasSubstr("(nothing, for 1 s)\n^D\n$"));
}

TEST_F(OfAStandIn, ServerThatDoesNotPassLinesOn) {
    auto result = play("chat", {}, "mute");
    expect_failure(result, ": Hi!`, but came `nothing, for 1 s and longer`.");
    EXPECT_THAT(result.out, HasSubstr("\n  A -> Hi!\n  A !! expected `127.0.0.1:"));
}

TEST_F(OfAStandIn, ServerThatDoesNotGreet) {
    expect_failure(play("chat", {}, "rude"), "A expected `You are HOST:PORT`, but came `Welcome`.");
}

TEST_F(OfAStandIn, ServerThatSendsTerminalEscapes) {
    expect_failure(play("chat", {}, "forged"), ": Hi!`, but came `\\x1b[2J127.0.0.1:");
}

TEST_F(OfAStandIn, ServerThatEnds) {
    auto result = play("chat", {}, "fragile");
    expect_failure(result, " has left`, but came `the end of the window (");
    EXPECT_THAT(result.out, HasSubstr("\nThe server has ended: exit status 3.\n"));
    EXPECT_THAT(result.out, HasSubstr("\n  KeyError: 'somebody'\n"));
}

TEST_F(OfAStandIn, ServerThatDoesMoreThanItsManifestSays) {
    const std::string better = "the server does more than stage.json says.";
    expect_failure(play("chat", {"slow reader isolated"}, "chat"), better);
    expect_failure(play("echo", {"many clients"}, "echo"), better);
}

// --- The program
// ------------------------------------------------------------------------------------

const fs::path flagship = sources / "stages/09-fiber-select";

TEST(Demo, SaysWhichStagesThereAre) {
    auto result = run_demo({"--stage", sources / "stages/99-nothing"});
    EXPECT_TRUE(exited_with(result.status, 2));
    EXPECT_THAT(unbroken(result.err),
                AllOf(StartsWith("There is no stage '"), HasSubstr("': there are 00-netcat, ")));
}

TEST(Demo, SaysWhatBuildsAProgramThatIsMissing) {
    auto result = run_demo({"--stage", flagship, "--program", "09-nothing"});
    EXPECT_TRUE(exited_with(result.status, 2));
    EXPECT_THAT(unbroken(result.err), AllOf(StartsWith("The program 09-nothing is missing"),
                                            HasSubstr("./course demo 9")));
}

TEST(Demo, NamesAMistakeInItsOptions) {
    for (const std::vector<std::string>& mistake :
         {std::vector<std::string>{}, {"--stage", flagship, "--pace", "soon"}, {"--nothing"}}) {
        auto result = run_demo(mistake);
        EXPECT_TRUE(exited_with(result.status, 2));
        EXPECT_EQ(harness::split_lines(result.err).size(), 1u) << result.err;
    }
    auto help = run_demo({"--help"});
    EXPECT_TRUE(exited_with(help.status, 0));
    EXPECT_THAT(harness::split_lines(help.out), Each(SizeIs(testing::Le(80u))));
}

TEST(Demo, CtrlCEndsTheDemoAndAllItsPrograms) {
    harness::process program({.argv = {demo, "--stage", flagship, "--pace", "0.5"}});
    const std::string listening = "listening on 127.0.0.1:";
    ASSERT_TRUE(harness::eventually(10s, [&] {
        return program.out().find("You are") != std::string::npos;
    })) << program.out();
    auto port = std::stoi(between(program.out(), listening, "\n"));
    auto of_the_server = [&] {
        std::vector<std::string> states;
        for (const auto& entry : harness::tcp_table(static_cast<std::uint16_t>(port)))
            if (entry.state != "time wait") states.push_back(entry.state);
        return states;
    };
    EXPECT_THAT(of_the_server(), testing::IsSupersetOf({"listen", "established"}));
    program.signal(SIGINT);
    auto status = program.wait(harness::deadline(10s));
    ASSERT_TRUE(status);
    EXPECT_EQ(harness::describe_status(*status).substr(0, 18), "killed by signal 2");
    EXPECT_TRUE(harness::eventually(10s, [&] { return of_the_server().empty(); }));
}

}  // namespace
}  // namespace rendezvous::demo

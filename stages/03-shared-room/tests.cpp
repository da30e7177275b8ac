// What stage 03 promises besides what every chat server does: one thread for
// each client, and a room that needs its mutex.
#include <gmock/gmock.h>

#include <fstream>
#include <list>
#include <regex>
#include <string>

#include "tests/harness/sanitizers.hpp"
#include "tests/harness/server_test.hpp"
#include "tests/harness/text.hpp"

namespace rendezvous::harness {
namespace {

using testing::HasSubstr;
using testing::SizeIs;

class SharedRoom : public server_test {
protected:
    static std::string notes() {
        std::ifstream in(current_settings().stage_path + "/README.md");
        return {std::istreambuf_iterator<char>(in), {}};
    }

    // The same server, built without the locks of its room.
    static settings without_mutex() {
        auto other = current_settings();
        other.command.front() += "-without-mutex";
        return other;
    }

    // The first report, shortened to what happened in our own functions.
    static std::string shortened(const std::string& report) {
        const std::regex frame(R"(    #\d+ (.*) \S*/without_mutex\.cpp:.*)");
        std::string text;
        for (auto line : split_lines(report)) {
            std::smatch found;
            if (std::regex_match(line, found, frame))
                line = "    " + found[1].str();
            else if (line.find("    #") == 0)
                continue;  // a frame of a library
            line = std::regex_replace(line, std::regex(R"( \(pid=\d+\))"), "");
            line =
                std::regex_replace(line, std::regex(" (at|of size) \\w+"), "");
            line = std::regex_replace(
                line, std::regex("std::__cxx11::basic_string<.*> >"),
                "std::string");
            const auto starts = [&](const char* with) {
                return line.rfind(with, 0) == 0;
            };
            if (starts("  Location")) break;
            if (starts("WARNING") || starts("  ")) text += line + "\n";
        }
        return text;
    }
};

TEST_F(SharedRoom, ServerHasNPlusTwoThreadsForNClients) {
    for (std::size_t n = 1; n <= 10; ++n) {
        enter("client " + std::to_string(n));
        EXPECT_THAT(server().program().thread_names(),
                    SizeIs(n + 2 + sanitizer_threads(server().program())));
    }
}

TEST_F(SharedRoom, RoomWithoutItsMutexHasTheDataRaceThatTheNotesShow) {
    if (!built_with(server().program(), sanitizer::thread))
        GTEST_SKIP() << "only ThreadSanitizer finds it: ctest --preset tsan";
    server_process racy(without_mutex());
    std::list<client> all;
    for (const char* name : {"alice", "bob"}) {
        auto& one = all.emplace_back(talk, name, racy.where());
        one.expect_greeting();
        one.send_line("Hello!");
        one.read_until(one.who() + ": Hello!");
    }
    racy.stop(10s);
    const auto report = shortened(racy.program().err());
    EXPECT_THAT(notes(), HasSubstr("```text\n" + report + "```\n"));
}

}  // namespace
}  // namespace rendezvous::harness

// main() of every test program that judges a server.
#include <gmock/gmock.h>
#include <unistd.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdlib>
#include <iostream>

#include "tests/harness/deadline.hpp"
#include "tests/harness/exercise.hpp"
#include "tests/harness/first_contact.hpp"
#include "tests/harness/narrator.hpp"
#include "tests/harness/settings.hpp"
#include "tests/harness/standard_descriptors.hpp"
#include "tests/harness/text.hpp"
#include "tests/harness/watchdog.hpp"

using namespace rendezvous::harness;

namespace {

constexpr int misused = 2;

// What comes after -- is the command, word for word; what begins with --gtest_ is GoogleTest's.
struct words {
    std::vector<std::string> ours, googletest, command;
    bool has_command = false;

    words(int argc, char** argv) {
        googletest.push_back(argv[0]);
        for (int i = 1; i < argc; ++i) {
            std::string word = argv[i];
            if (has_command)
                command.push_back(word);
            else if (word == "--")
                has_command = true;
            else
                (word.rfind("--gtest_", 0) == 0 ? googletest : ours).push_back(word);
        }
    }
};

// Suites that do not apply to this kind of server, or are not asked of a foreign one, are left out
// rather than skipped: nobody misses them.
void leave_out_what_does_not_apply(const settings& how) {
    std::vector<std::string> out;
    for (const auto& one : capabilities()) {
        bool applies = one.applies_to(how.server_kind());
        if (one.name == "command line" || one.name == "shutdown") applies = applies && how.as_own();
        if (!applies) out.push_back(camel_case(one.name) + ".*");
    }
    if (out.empty()) return;
    auto filter = GTEST_FLAG_GET(filter);
    filter += filter.find('-') == std::string::npos ? "-" : ":";
    for (const auto& suite : out) filter += suite + ":";
    GTEST_FLAG_SET(filter, filter);
}

}  // namespace

int main(int argc, char** argv) {
    open_standard_descriptors();
    raise_own_limits();
    words given(argc, argv);
    auto& how = current_settings();
    how.program = argv[0];
    how.command = given.command;

    double patience = 1;
    int timeout = 0;
    std::string exercise;
    check_options check;
    CLI::App app(
        "Judges a server by what can be seen of it from outside.  Its command comes after --, word "
        "for word, with {port} where the port number goes; for example:\n  " +
        example_command() +
        "\nOptions that begin with --gtest_ are GoogleTest's (--gtest_filter=Chat.*).");
    app.name("contracts");
    app.footer("usage: contracts [OPTIONS] -- COMMAND {port}");
    app.add_option(
           "--stage", how.stage_path,
           "the stage's folder: what its stage.json says holds must hold, and what it says is "
           "missing must be seen to be missing")
        ->type_name("DIR");
    app.add_flag(
        "--foreign", how.foreign,
        "not a server of the course: judged by how it talks, not by its command line or exit "
        "status; what it does better than the stage is said, not held against it");
    app.add_flag("--strict", how.strict,
                 "with --foreign: judged by command line and exit status too");
    app.add_option("--patience", patience, "multiplies all deadlines (for sanitizers)")
        ->type_name("FACTOR")
        ->check(CLI::PositiveNumber);
    app.add_option("--rounds", how.rounds, "multiplies how often a test tries what it tries often")
        ->type_name("FACTOR")
        ->check(CLI::PositiveNumber);
    app.add_option("--crowd", how.crowd,
                   "how many clients the crowd has (1,000, or 250 with --foreign)")
        ->type_name("N")
        ->check(CLI::PositiveNumber);
    app.add_flag("--keep-going", how.keep_going,
                 "runs all tests even if the first contact with the server fails");
    app.add_option("--timeout", timeout,
                   "ends a test that hangs for so long, and says what the server's threads do")
        ->type_name("SECONDS")
        ->check(CLI::PositiveNumber);
    app.add_option("--exercise", exercise,
                   "with --stage: what this exercise of the stage asks for must hold, and all else "
                   "be as it was")
        ->type_name("NAME");
    app.add_flag("--all", check.all,
                 "with --exercise: tries all else even if what it asks for does not hold yet");
    app.add_option("--log", check.log, "with --exercise: a file for every conversation in full")
        ->type_name("FILE");
    try {
        auto ours = given.ours;
        std::reverse(ours.begin(), ours.end());  // as CLI11 wants them
        app.parse(ours);
    } catch (const CLI::CallForHelp& help) {
        return app.exit(help);
    } catch (const CLI::ParseError& error) {
        std::cerr << "contracts: " << error.what() << "\n";
        return misused;
    }

    auto count = static_cast<int>(given.googletest.size());
    std::vector<char*> pointers;
    for (auto& word : given.googletest) pointers.push_back(word.data());
    pointers.push_back(nullptr);
    testing::InitGoogleMock(&count, pointers.data());
    if (GTEST_FLAG_GET(list_tests)) return RUN_ALL_TESTS();  // CTest asks so, with nothing else

    try {
        check_command(how);
        if (!how.stage_path.empty()) how.stage = read_manifest(how.stage_path);
        if (!exercise.empty() && !how.stage)
            throw setup_error("--exercise needs --stage, whose exercise it is");
        if (!exercise.empty()) {
            how.task = how.stage->find_exercise(exercise);
            how.stage = how.stage->with_solved(*how.task);
        }
    } catch (const setup_error& why) {
        std::cerr << "contracts: " << why.what() << "\n";
        return misused;
    }
    be_patient(patience);

    bool colour = ::isatty(STDOUT_FILENO) && !std::getenv("NO_COLOR");
    auto& listeners = testing::UnitTest::GetInstance()->listeners();
    delete listeners.Release(listeners.default_result_printer());
    if (how.task) {
        check.colour = colour;
        try {
            return check_exercise(how, check, std::cout);
        } catch (const setup_error& why) {
            std::cerr << "contracts: " << why.what() << "\n";
            return misused;
        }
    }
    leave_out_what_does_not_apply(how);
    listeners.Append(new narrator(std::cout, colour));
    if (timeout) listeners.Append(new watchdog(std::chrono::seconds(timeout)));
    if (!how.keep_going && !names_one_test(GTEST_FLAG_GET(filter))) {
        if (const auto failed = first_contact(how)) {
            std::cout << failed->report << std::flush;
            return failed->status;
        }
    }
    return RUN_ALL_TESTS();
}

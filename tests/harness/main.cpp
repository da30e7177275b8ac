// main() of every test program that judges a server.
#include <gmock/gmock.h>
#include <unistd.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <iostream>
#include <optional>
#include <string>
#include <vector>

#include "tests/harness/deadline.hpp"
#include "tests/harness/exercise.hpp"
#include "tests/harness/first_contact.hpp"
#include "tests/harness/interruption.hpp"
#include "tests/harness/json_report.hpp"
#include "tests/harness/narrator.hpp"
#include "tests/harness/process.hpp"
#include "tests/harness/selection.hpp"
#include "tests/harness/settings.hpp"
#include "tests/harness/spawn.hpp"
#include "tests/harness/standard_descriptors.hpp"
#include "tests/harness/terminal.hpp"
#include "tests/harness/text.hpp"
#include "tests/harness/watchdog.hpp"

using namespace rendezvous::harness;

namespace {

// --quick: a minute, with time left to start and to print the summary.
constexpr unsigned quick_seconds = 55;

constexpr const char* exit_statuses =
    "Exit status:\n"
    "  0    everything that was tried is as the stage promises\n"
    "  1    something is not\n"
    "  2    wrong use, or nothing could be judged\n"
    "  130  interrupted by Ctrl-C (128 and the number of the signal)\n";

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

struct options {
    double patience = 1;
    unsigned within = 0;   // seconds; 0: as long as it takes
    unsigned timeout = 0;  // seconds for a test; 0: as long as it takes
    std::string exercise, json;
    std::vector<std::string> only;
    check_options check;
};

void declare(CLI::App& app, options& given, settings& how) {
    app.name("contracts");
    app.add_option("--stage", how.stage_path,
                   "the stage's folder: what its stage.json says holds must hold, and the tests "
                   "check that what it says is missing is missing")
        ->type_name("DIR");
    app.add_flag("--foreign", how.foreign,
                 "not a server of the course: judged by how it talks, not by its command line or "
                 "exit status; what it does better than the stage is reported and does no harm");
    app.add_flag("--strict", how.strict,
                 "with --foreign: judged by command line and exit status too");
    app.add_option("--only", given.only,
                   "tries only this: a capability (\"last lines\"), a suite (LastLines), a test "
                   "(Chat.EmptyLineIsALine) or a pattern with *; may be given more than once")
        ->type_name("NAME")
        ->allow_extra_args(false);
    app.add_flag("--quick", how.quick,
                 "tries only what stage.json speaks of, less often, for a minute at most");
    app.add_option("--within", given.within,
                   "stops after so many seconds, and says what was not tried until then")
        ->type_name("SECONDS")
        ->check(CLI::PositiveNumber);
    app.add_flag("--keep-going", how.keep_going,
                 "runs all tests even if the first contact with the server fails");
    app.add_option("--timeout", given.timeout,
                   "ends a test that hangs for so long, and says what the server's threads do")
        ->type_name("SECONDS")
        ->check(CLI::PositiveNumber);
    app.add_option("--json", given.json, "a file for the result in JSON")->type_name("FILE");
    app.add_option("--patience", given.patience, "multiplies all deadlines (for sanitizers)")
        ->type_name("FACTOR")
        ->check(CLI::PositiveNumber);
    app.add_option("--rounds", how.rounds, "multiplies how often a test tries what it tries often")
        ->type_name("FACTOR")
        ->check(CLI::PositiveNumber);
    app.add_option("--crowd", how.crowd,
                   "how many clients the crowd has (1,000, or 250 with --foreign)")
        ->type_name("N")
        ->check(CLI::PositiveNumber);
    app.add_option("--called-as", how.called_as,
                   "what the user typed to get here, for the commands that are suggested")
        ->type_name("COMMAND");
    app.add_option("--exercise", given.exercise,
                   "with --stage: what this exercise of the stage asks for must hold, and all else "
                   "must be as it was")
        ->type_name("NAME");
    app.add_flag("--all", given.check.all,
                 "with --exercise: tries all else even if what it asks for does not hold yet");
    app.add_option("--log", given.check.log,
                   "with --exercise: a file for every conversation in full")
        ->type_name("FILE");
}

// Options hang over their explanations; all else is wrapped as it stands.
std::string help(const CLI::App& app, std::size_t columns) {
    std::string text;
    const auto usage = "Usage: " + app.get_name() + " [OPTIONS]";
    for (const auto& line :
         split_lines(replace_all(app.help(), usage, usage + " -- COMMAND {port}")))
        text += wrapped(line + '\n', columns, 0, line.starts_with("  -") ? 24 : 0);
    return text;
}

void prepare(settings& how, const std::string& exercise) {
    check_command(how);
    if (!how.stage_path.empty()) how.stage = read_manifest(how.stage_path);
    if (!exercise.empty()) {
        if (!how.stage) throw setup_error("--exercise needs --stage, whose exercise it is");
        how.task = how.stage->find_exercise(exercise);
        how.stage = how.stage->with_solved(*how.task);
    }
    check_program(how.command.front());
}

void write_json(const std::string& file, const std::string& report) {
    if (file.empty()) return;
    std::ofstream out(file);
    out << report << std::flush;
    if (!out) std::cerr << "contracts: cannot write " << file << "\n";
}

int refuse(const std::string& why) {
    std::cerr << wrapped("contracts: " + why, screen_columns(STDERR_FILENO), 0);
    return exit_status::not_judged;
}

int check_one_exercise(settings& how, const options& given) {
    const interruption guard({}, [](int signal) {
        std::cerr << "\nInterrupted: nothing has been decided.\n";
        end_all_processes();
        return exit_status::interrupted + signal;
    });
    return check_exercise(how, given.check, std::cout);
}

int judge_server(settings& how, const options& given, bool in_color) {
    select_tests(how, given.only);
    auto& listeners = testing::UnitTest::GetInstance()->listeners();
    auto* told = new narrator(std::cout, in_color);
    listeners.Append(told);
    if (given.timeout) listeners.Append(new watchdog(std::chrono::seconds(given.timeout)));
    std::optional<std::chrono::seconds> limit;
    if (given.within) limit.emplace(given.within);
    const interruption guard(limit, [&](int signal) {
        const auto results = told->results_so_far();
        const bool failed = std::any_of(results.begin(), results.end(),
                                        [](const auto& one) { return one.how == result::failed; });
        const auto why =
            signal ? std::string("Interrupted.") : "Stopped after " + seconds(given.within) + ".";
        told->finish_early(why);
        const int status = signal   ? exit_status::interrupted + signal
                           : failed ? exit_status::does_not_hold
                                    : exit_status::not_judged;
        write_json(given.json, json_report(how, results, status, why));
        end_all_processes();
        return status;
    });
    const bool all = given.only.empty() && !names_one_test(GTEST_FLAG_GET(filter)) &&
                     GTEST_FLAG_GET(repeat) != 0;
    if (all && !how.keep_going && how.server_kind() != kind::client) {
        if (const auto failed = first_contact(how)) {
            std::cout << failed->report << std::flush;
            write_json(given.json, json_report(how, {}, failed->status, failed->report));
            return failed->status;
        }
    }
    const int status = RUN_ALL_TESTS() ? exit_status::does_not_hold : exit_status::as_promised;
    if (!status) require_judgement(told->results());
    write_json(given.json, json_report(how, told->results(), status, ""));
    return status;
}

}  // namespace

int main(int argc, char** argv) {
    open_standard_descriptors();
    raise_own_limits();
    words given(argc, argv);
    auto& how = current_settings();
    how.program = argv[0];
    how.command = given.command;
    how.columns = screen_columns(STDOUT_FILENO);

    options all;
    CLI::App app(
        "Judges a server by what can be seen of it from outside.  Its command comes after --, word "
        "for word, with {port} where the port number goes; for example:\n  " +
        example_command() +
        "\nOptions that begin with --gtest_ are GoogleTest's (--gtest_list_tests).");
    declare(app, all, how);
    app.footer(exit_statuses);
    app.get_formatter()->column_width(26);
    try {
        auto ours = given.ours;
        std::reverse(ours.begin(), ours.end());  // as CLI11 wants them
        app.parse(ours);
    } catch (const CLI::CallForHelp&) {
        std::cout << help(app, how.columns);
        return exit_status::as_promised;
    } catch (const CLI::ParseError& error) {
        return refuse(error.what());
    }

    auto count = static_cast<int>(given.googletest.size());
    std::vector<char*> pointers;
    for (auto& word : given.googletest) pointers.push_back(word.data());
    pointers.push_back(nullptr);
    testing::InitGoogleMock(&count, pointers.data());
    if (GTEST_FLAG_GET(list_tests)) return RUN_ALL_TESTS();  // CTest asks so, with nothing else

    try {
        prepare(how, all.exercise);
        be_patient(all.patience);
        if (how.quick) how.rounds *= 0.2;
        if (how.quick && !all.within) all.within = quick_seconds;
        auto& listeners = testing::UnitTest::GetInstance()->listeners();
        delete listeners.Release(listeners.default_result_printer());
        all.check.in_color = understands_escapes(STDOUT_FILENO);
        return how.task ? check_one_exercise(how, all) : judge_server(how, all, all.check.in_color);
    } catch (const setup_error& why) {
        write_json(all.json, json_report(how, {}, exit_status::not_judged, why.what()));
        return refuse(why.what());
    }
}

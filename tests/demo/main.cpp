// Plays, in front of a class, what the server of a stage can do and what it cannot.
#include <signal.h>
#include <unistd.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <iostream>

#include "tests/demo/scenes.hpp"
#include "tests/demo/screen.hpp"
#include "tests/demo/window.hpp"
#include "tests/harness/manifest.hpp"
#include "tests/harness/server_process.hpp"
#include "tests/harness/standard_descriptors.hpp"
#include "tests/harness/text.hpp"

using namespace rendezvous;
using namespace rendezvous::demo;
using harness::setup_error;
namespace fs = std::filesystem;

namespace {

constexpr int went_wrong = 1, misused = 2;
constexpr std::uint64_t for_a_crowd = 4000;  // descriptors

struct options {
    fs::path stage;                    // its folder
    std::string program;               // beside ours; else the one that is called like the stage
    std::vector<std::string> command;  // another server instead, with {port} somewhere in it
    double pace = 0;                   // seconds
};

fs::path bin() { return fs::read_symlink("/proc/self/exe").parent_path(); }

bool on_a_terminal() { return ::isatty(STDOUT_FILENO) == 1; }

bool in_colour() {
    const char* forbidden = std::getenv("NO_COLOR");
    const char* terminal = std::getenv("TERM");
    return on_a_terminal() && !(forbidden && *forbidden) &&
           !(terminal && std::string(terminal) == "dumb");
}

// 09-fiber-select -> 9, as one types it
std::string number_of(const std::string& stage) {
    auto number = stage.substr(0, stage.find('-'));
    return number.size() == 2 && number[0] == '0' ? number.substr(1) : number;
}

// 9, or 9-on-threads for another program of the stage
std::string program_number(const options& how, const harness::manifest& stage) {
    auto number = number_of(stage.folder);
    if (how.program.compare(0, stage.folder.size(), stage.folder) == 0)
        number += how.program.substr(stage.folder.size());
    return number;
}

// The stages in a folder, for a message.
std::string stages_in(const fs::path& folder) {
    std::vector<std::string> names;
    std::error_code ec;
    for (const auto& entry : fs::directory_iterator(folder, ec))
        if (fs::exists(entry.path() / "stage.json")) names.push_back(entry.path().filename());
    std::sort(names.begin(), names.end());
    std::string all;
    for (const auto& name : names) all += (all.empty() ? "there are " : ", ") + name;
    return all.empty() ? "there is none in '" + folder.string() + "'" : all;
}

harness::manifest manifest_of(const options& how) {
    auto folder = fs::absolute(how.stage).lexically_normal();
    if (!folder.has_filename()) folder = folder.parent_path();  // it ended in a slash
    if (!fs::exists(folder / "stage.json"))
        throw setup_error("There is no stage '" + how.stage.string() +
                          "': " + stages_in(folder.parent_path()) + ".");
    auto stage = harness::read_manifest(folder);
    if (stage.kind == harness::kind::client)
        throw setup_error(
            stage.folder +
            " is the client, not a server. See it at work in `./course demo`: both windows there "
            "run it.");
    return stage;
}

// The path of a program that is built beside this one.
std::string built(const std::string& program, const std::string& stage) {
    auto path = bin() / program;
    if (!fs::exists(path))
        throw setup_error("The program " + program + " is missing in " +
                          path.parent_path().string() + ": `./course demo " + number_of(stage) +
                          "` builds what it needs.");
    return path;
}

harness::settings settings_for(const options& how, const harness::manifest& stage) {
    harness::settings settings;
    settings.stage = stage;
    settings.foreign = !how.command.empty();
    settings.command = how.command;
    if (!settings.foreign) {
        auto program = how.program.empty() ? stage.folder : how.program;
        settings.command = {built(program, stage.folder), "--port", "{port}"};
    }
    return settings;
}

// What went wrong, below what the windows have shown so far.
void explain(screen& out, const house& h, const harness::mismatch& wrong) {
    out.heading("The demo failed");
    out.say(wrong.headline());
    for (const auto& line : harness::split_lines(h.talk.str(12)))
        out.print("  " + fitted(line, 78));
    out.gap();
    if (auto status = h.server.wait(harness::deadline(200ms)))
        out.say("The server has ended: " + harness::describe_status(*status) + ".");
    if (auto complaint = harness::split_lines(h.server.err()); !complaint.empty()) {
        out.print("The server wrote on standard error:");
        // The end of what it wrote: that is where a traceback names the error.
        for (auto at = complaint.size() - std::min<std::size_t>(complaint.size(), 8);
             at < complaint.size(); ++at)
            out.print("  " + fitted(complaint[at], 78));
        out.gap();
    }
}

void play_conversation(screen& out, house& h, const harness::manifest& stage) {
    h.begin_again();
    if (stage.kind == harness::kind::chat) {
        out.heading("1. The conversation that is printed in the book");
        conversation_of_the_book(out, h);
    } else if (stage.holds("many clients")) {
        out.heading("1. Two conversations, side by side");
        echo_side_by_side(out, h);
    } else {
        out.heading("1. A conversation");
        echo_alone(out, h);
    }
}

// Returns the number of the last heading.
int play_what_is_missing(screen& out, house& h, const harness::manifest& stage) {
    int number = 1;
    for (const auto& one : scenes) {
        if (!stage.names(one.capability) || stage.holds(one.capability)) continue;
        out.heading(std::to_string(++number) + ". What it cannot do: " + one.capability);
        h.begin_again();
        one.play(out, h);
    }
    if (number > 1) return number;
    out.heading("2. What it cannot do");
    out.say("Nothing is missing: it does all that the course asks of such a server.");
    return 2;
}

// The stage that this one builds on, if both make the same promises: then they differ in what they
// cost.
std::optional<harness::manifest> equal_before(const options& how, const harness::manifest& stage) {
    if (!stage.builds_on) return {};
    auto before = harness::read_manifest(fs::absolute(how.stage / "..").lexically_normal() /
                                         *stage.builds_on);
    if (before.kind != stage.kind || before.capabilities != stage.capabilities) return {};
    return before;
}

void play_what_differs(screen& out, house& h, const harness::manifest& before, const contender& now,
                       int number) {
    auto settings = settings_for({}, before);
    harness::server_process server(settings, {.descriptors = for_a_crowd});
    out.heading(std::to_string(number) + ". What a thousand clients cost");
    h.begin_again();
    cost_of_a_crowd(out, h, {before.folder, server}, now);
    h.begin_again();
}

// What a person types to start this server.
std::string run_command(const options& how, const harness::settings& settings, std::uint16_t port) {
    if (settings.foreign) return harness::shell_words(harness::command_for(settings, port));
    return "./course run " + program_number(how, *settings.stage) + " -- --port " +
           std::to_string(port);
}

// Ends the server as a person would, with Ctrl-C.  Returns whether it ended as it should.
bool end(screen& out, const harness::process& server, bool foreign) {
    out.heading("The end");
    out.print("^C", cell::typed);
    auto begin = std::chrono::steady_clock::now();
    server.signal(SIGINT);
    auto status = server.wait(harness::deadline(10s));
    std::chrono::duration<double> passed = std::chrono::steady_clock::now() - begin;
    if (!status) {
        out.print("After 10 s the server has not exited.");
        return false;
    }
    out.print("The server has ended, " + harness::seconds(passed.count()) +
              " later: " + harness::describe_status(*status) + ".");
    out.gap();
    return foreign || harness::exited_with(*status, 0);
}

void say_what_next(screen& out, const options& how, const harness::manifest& stage) {
    auto run =
        "./course run " + program_number(how, stage) + ", then ./course chat in two terminals";
    auto test = "./course test " + number_of(stage.folder);
    if (!how.command.empty()) test += " -- COMMAND";
    auto notes = (how.stage / "README.md").lexically_normal().string();

    out.print("Now you:");
    if (how.command.empty()) out.print("  try it     " + run);
    out.print("  test it    " + test);
    out.print("  read why   " + notes);
}

int play(const options& how) {
    auto stage = manifest_of(how);
    auto settings = settings_for(how, stage);
    auto netcat = built("00-netcat", stage.folder);
    harness::server_process server(settings, {.descriptors = for_a_crowd});

    screen out(in_colour(), std::chrono::duration<double>(how.pace));
    house h(server, netcat);
    out.print(stage.folder + ": " + stage.question);
    out.gap();
    out.print(fitted("$ " + run_command(how, settings, h.where.port), 80), cell::typed);
    out.print("listening on " + h.where.str());
    try {
        play_conversation(out, h, stage);
        auto number = play_what_is_missing(out, h, stage);
        if (auto before = equal_before(how, stage)) {
            auto name = settings.foreign      ? settings.command.front()
                        : how.program.empty() ? stage.folder
                                              : how.program;
            play_what_differs(out, h, *before, {name, server}, number + 1);
        }
    } catch (const harness::mismatch& wrong) {
        explain(out, h, wrong);
        return went_wrong;
    }
    if (!end(out, h.server, settings.foreign)) return went_wrong;
    say_what_next(out, how, stage);
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    harness::open_standard_descriptors();
    harness::raise_own_limits();  // and a window that has closed must not end us
    options how;
    how.pace = on_a_terminal() ? 0.6 : 0;

    CLI::App app("Plays what a stage's server can do and what it cannot, in windows side by side.");
    app.name("demo");
    app.add_option("--stage", how.stage, "the stage's folder: stages/09-fiber-select")
        ->type_name("DIR")
        ->required();
    app.add_option("--program", how.program, "another program of it: 09-fiber-select-on-threads")
        ->type_name("NAME");
    app.add_option("--pace", how.pace, "after each row; 0.6 on a terminal, else 0")
        ->type_name("SECONDS")
        ->check(CLI::Range(0.0, 60.0));
    app.add_option("command", how.command, "after --: another server, on port {port}")
        ->type_name("COMMAND");
    try {
        app.parse(argc, argv);
    } catch (const CLI::CallForHelp& help) {
        return app.exit(help);
    } catch (const CLI::ParseError& mistake) {
        std::cerr << "demo: " << mistake.what() << " (try --help)\n";
        return misused;
    }

    try {
        return play(how);
    } catch (const setup_error& why) {
        std::cerr << harness::wrapped(why.what(), 80, 0);
        return misused;
    } catch (const audience_left&) {
        return went_wrong;
    }
}

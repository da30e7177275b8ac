// Connects a crowd of clients to the server of a stage and shows what they cost it.
#include <poll.h>
#include <signal.h>
#include <unistd.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <filesystem>
#include <iomanip>
#include <iostream>
#include <sstream>

#include "tests/demo/cost.hpp"
#include "tests/harness/manifest.hpp"
#include "tests/harness/server_process.hpp"
#include "tests/harness/standard_descriptors.hpp"
#include "tests/harness/text.hpp"

using namespace rendezvous;
using namespace rendezvous::demo;
using namespace std::chrono_literals;
using harness::setup_error;
namespace fs = std::filesystem;

namespace {

constexpr int went_wrong = 1, misused = 2;

struct options {
    std::size_t clients = 0;
    bool chat = false;
    fs::path stage;                    // its folder
    std::string program;               // beside ours; else the one that is called like the stage
    std::vector<std::string> command;  // another server instead, with {port} somewhere in it
};

void say(const std::string& text) { std::cout << harness::wrapped(text, 80, 0) << std::flush; }

std::string row(const std::vector<std::string>& cells) {
    static const int widths[] = {9, 9, 11, 15, 13, 16};
    std::ostringstream line;
    for (std::size_t i = 0; i < cells.size(); ++i) line << std::setw(widths[i]) << cells[i];
    return line.str();
}

std::string row(const cost& one) {
    auto processor = one.processor < 0.0005 ? "0 ms" : harness::seconds(one.processor);
    return row({grouped(one.clients), grouped(one.threads), size(one.memory),
                size(one.address_space), grouped(one.descriptors), processor});
}

harness::settings settings_for(const options& how) {
    harness::settings settings;
    settings.stage = harness::read_manifest(how.stage);
    settings.foreign = !how.command.empty();
    settings.command = how.command;
    if (!settings.foreign) {
        auto program = fs::read_symlink("/proc/self/exe").parent_path() /
                       (how.program.empty() ? settings.stage->folder : how.program);
        settings.command = {program, "--port", "{port}"};
    }
    return settings;
}

// 1, 10, 100 ... and all of them.
std::vector<std::size_t> steps_to(std::size_t clients) {
    std::vector<std::size_t> steps;
    for (std::size_t step = 1; step < clients; step *= 10) steps.push_back(step);
    steps.push_back(clients);
    return steps;
}

// In a chat every client receives each line, so a few clients that send make a million lines.
void let_them_talk(audience& all, bool is_chat, cost& last) {
    auto listeners = is_chat ? last.clients : 1;
    auto speakers = std::clamp<std::size_t>(1'000'000 / listeners, 1, last.clients);
    auto begin = std::chrono::steady_clock::now();
    auto heard = all.talk(speakers, speakers * listeners);
    std::chrono::duration<double> passed = std::chrono::steady_clock::now() - begin;
    auto before = last.processor;
    last = all.now();
    std::cout << row(last) << "\n\n";
    if (heard != speakers * listeners)
        say("Of " + harness::counted(speakers * listeners, "line") + " that should have come, " +
            grouped(heard) + " came.");
    else
        say(harness::counted(speakers, "client") + " sent one line each, and " +
            harness::counted(heard, "line") + " came within " + harness::seconds(passed.count()) +
            ". For each line that came, the server used " +
            harness::counted(std::size_t((last.processor - before) * 1e9 / double(heard)),
                             "nanosecond") +
            " of processor time.");
}

// The server lists its tasks at Ctrl-\, as it would in a terminal of its own.
void list_tasks(const harness::process& server) {
    server.signal(SIGQUIT);
    auto line = server.line_on_err(" main", harness::deadline(2s));
    if (!line.empty()) say("At Ctrl-\\ the server lists its tasks: " + line);
}

// Until Enter is pressed; Ctrl-C ends it, too.  Meanwhile the last row is kept up to date.
void stay(audience& all) {
    std::cout << "\nThey stay connected until you press Enter.\n\n";
    pollfd keyboard{STDIN_FILENO, POLLIN, 0};
    while (::poll(&keyboard, 1, 0) == 0) {
        std::cout << '\r' << row(all.now()) << std::flush;
        all.listen(1000ms);
    }
    std::cout << '\n';
}

int show(const options& how) {
    auto settings = settings_for(how);
    const auto room = 2 * how.clients + 1000;
    harness::server_process server(settings, {.descriptors = room});
    audience all(server.program(), server.where());
    std::cout << settings.stage->folder << ": " << settings.stage->question << "\n\n"
              << row({"clients", "threads", "memory", "address space", "descriptors",
                      "processor time"})
              << "\n";
    const auto alone = all.now();
    auto last = alone;
    std::cout << row(alone) << std::endl;
    for (auto step : steps_to(how.clients)) {
        all.grow_to(step);
        last = all.now();
        std::cout << row(last) << std::endl;
    }
    if (how.chat && last.clients > 0)
        let_them_talk(all, settings.stage->kind == harness::kind::chat, last);
    std::cout << '\n';
    if (last.clients < how.clients)
        say("Of " + harness::counted(how.clients, "client") + ", " + grouped(last.clients) +
            " are connected: the others were refused.");
    const auto accepted = last.descriptors - std::min(last.descriptors, alone.descriptors);
    if (accepted < last.clients)
        say("The server has accepted " + grouped(accepted) + " of " +
            harness::counted(last.clients, "connection") + ": the others wait in the kernel.");
    else if (last.clients > 0)
        say(cost_of_one(alone, last));
    if (!settings.foreign) list_tasks(server.program());
    if (::isatty(STDIN_FILENO) && ::isatty(STDOUT_FILENO)) stay(all);
    return last.clients < how.clients ? went_wrong : 0;
}

}  // namespace

int main(int argc, char** argv) {
    harness::open_standard_descriptors();
    harness::raise_own_limits();
    options how;
    CLI::App app("Connects clients to a stage's server and shows what they cost it.");
    app.name("crowd");
    // Each connection from one address to the server takes a port: there are 28,000.
    app.add_option("clients", how.clients, "how many")->required()->check(CLI::Range(1, 20'000));
    app.add_flag("--chat", how.chat, "each client says a line when all are connected");
    app.add_option("--stage", how.stage, "the stage's folder: stages/09-fiber-select")
        ->type_name("DIR")
        ->required();
    app.add_option("--program", how.program, "another program of it: 09-fiber-select-on-threads")
        ->type_name("NAME");
    app.add_option("command", how.command, "after --: another server, on port {port}")
        ->type_name("COMMAND");
    try {
        app.parse(argc, argv);
    } catch (const CLI::CallForHelp& help) {
        return app.exit(help);
    } catch (const CLI::ParseError& mistake) {
        std::cerr << "crowd: " << mistake.what() << " (try --help)\n";
        return misused;
    }
    try {
        return show(how);
    } catch (const setup_error& why) {
        std::cerr << harness::wrapped(why.what(), 80, 0);
        return misused;
    }
}

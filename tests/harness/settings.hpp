// What the test program was told on its command line.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/harness/manifest.hpp"

namespace rendezvous::harness {

struct settings {
    std::optional<manifest> stage;
    std::string stage_path;            // as it was given
    std::vector<std::string> command;  // with {port} somewhere in it
    bool foreign = false;              // not one of the course's own servers
    bool strict = false;               // judge a foreign server as if it were one of them
    bool keep_going = false;           // even if the first contact fails
    double rounds = 1;                 // multiplies the attempts of tests that make many
    int crowd = 0;                 // clients in the crowd; 0: a thousand, or 250 for a foreign one
    std::optional<exercise> task;  // `stage` is then the stage with this exercise solved
    std::string passed_over;       // as exercise::adds: clients ignore such lines
    std::string program;           // how the test program itself was called
    std::string called_as;         // what the user typed to call it, if not that
    std::size_t columns = 80;      // of the screen
    bool quick = false;            // only the essential tests, for a minute at most

    // Judged by the whole contract, command line and exit status included.
    bool as_own() const { return !foreign || strict; }
    kind server_kind() const { return stage ? stage->kind : kind::chat; }
};

settings& current_settings();

// What the exit status says.  docs/how-to-teach.md has the same table.
namespace exit_status {
constexpr int as_promised = 0;    // every test that ran found what the stage promises
constexpr int does_not_hold = 1;  // some test did not
constexpr int not_judged = 2;     // wrong use, or no test ran to its end
constexpr int interrupted = 128;  // plus the number of the signal: 130 after Ctrl-C
}  // namespace exit_status

// Whether the command can be started at all: throws setup_error, which says what to write instead.
void check_command(const settings&);
std::string example_command();

// Whether clients ignore this line when it comes.
bool is_passed_over(std::string_view line);

// The number of attempts: `usually`, multiplied by --rounds.
int rounds(int usually);

}  // namespace rendezvous::harness

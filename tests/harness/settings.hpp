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
    bool strict = false;               // ... but to be judged as if it were
    bool keep_going = false;           // even if the first contact fails
    double rounds = 1;                 // tests that try something often try it as often as that
    int crowd = 0;                 // clients in the crowd; 0: a thousand, or 250 for a foreign one
    std::optional<exercise> task;  // the stage is then as it is when this is solved
    std::string passed_over;       // as exercise::adds: such lines no client sees
    std::string program;           // how the test program itself was called

    // Held to the whole of the contract, command line and exit status included.
    bool as_own() const { return !foreign || strict; }
    kind server_kind() const { return stage ? stage->kind : kind::chat; }
};

settings& current_settings();

// Whether the command can be started at all: throws cannot, which says what to write instead.
void check_command(const settings&);
std::string example_command();

// Whether clients are to take no notice of this line that came.
bool is_passed_over(std::string_view line);

// 20 tries, times what --rounds says.
int rounds(int usually);

}  // namespace rendezvous::harness

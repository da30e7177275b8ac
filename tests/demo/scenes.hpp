// What the demo plays: a conversation, what the stage cannot do, and, if the cost is all that the
// stage changes, what it costs.
#pragma once
#include <string>
#include <vector>

#include "tests/demo/screen.hpp"
#include "tests/demo/window.hpp"

namespace rendezvous::demo {

// The conversation that is printed in the book, section 8.10.
void conversation_of_the_book(screen&, house&);

void echo_alone(screen&, house&);
void echo_side_by_side(screen&, house&);

// Shows what a missing capability looks like.  A scene fails if the server has the capability after
// all, because then stage.json is wrong.
struct scene {
    const char* capability;  // as in stage.json
    void (*play)(screen&, house&);
};

void second_client_waits(screen&, house&);
void last_line_is_lost(screen&, house&);
void slow_reader_stalls_everyone(screen&, house&);
void slow_reader_costs_memory(screen&, house&);
void newcomer_misses_a_line(screen&, house&);
void leaver_misses_a_line(screen&, house&);

// In the order in which they are played.
inline const std::vector<scene> scenes = {
    {"many clients", second_client_waits},
    {"last lines", last_line_is_lost},
    {"slow reader isolated", slow_reader_stalls_everyone},
    {"slow reader bounded", slow_reader_costs_memory},
    {"newcomer misses nothing", newcomer_misses_a_line},
    {"leaver misses nothing", leaver_misses_a_line},
};

// Two servers that do the same, side by side in what a thousand clients cost them.
struct contender {
    std::string name;
    const harness::server_process& server;
};
void cost_of_a_crowd(screen&, house&, const contender& before, const contender& now);

}  // namespace rendezvous::demo

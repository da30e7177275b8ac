// What the demo plays: a conversation first, and then what the stage cannot do.
#pragma once
#include <vector>

#include "tests/demo/screen.hpp"
#include "tests/demo/window.hpp"

namespace rendezvous::demo {

// The one that is printed in the book, section 8.10.
void conversation_of_the_book(screen&, house&);

void echo_alone(screen&, house&);
void echo_side_by_side(screen&, house&);

// How it looks when a capability is missing.  A scene fails the conversation where it is not to be
// seen, because then stage.json is wrong.
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

}  // namespace rendezvous::demo

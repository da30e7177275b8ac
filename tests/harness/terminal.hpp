// The terminal that a run prints to: how wide it is, and whether it understands colors.
#pragma once
#include <cstddef>
#include <string>

namespace rendezvous::harness {

// The width to print in: that of the terminal if `descriptor` is one, else the value of the
// environment variable COLUMNS, else 80.  Never more than 100, because longer lines are hard to
// read.
std::size_t screen_columns(int descriptor);

// Whether escape sequences may be written there: only to a terminal, not if TERM is dumb, and not
// if the user has set NO_COLOR (https://no-color.org).
bool understands_escapes(int descriptor);

enum class color { bold = 1, red = 31, green = 32, yellow = 33 };
std::string painted(bool in_color, color, const std::string& text);

}  // namespace rendezvous::harness

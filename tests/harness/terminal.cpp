#include "tests/harness/terminal.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <string_view>

namespace rendezvous::harness {

namespace {

constexpr std::size_t narrowest = 40, usual = 80, widest = 100;

// Empty where the variable is not set.
std::string_view variable(const char* name) {
    const char* value = std::getenv(name);
    return value ? value : "";
}

}  // namespace

std::size_t screen_columns(int descriptor) {
    winsize window{};
    std::size_t columns = 0;
    if (::ioctl(descriptor, TIOCGWINSZ, &window) == 0) columns = window.ws_col;
    if (!columns) columns = std::strtoul(std::string(variable("COLUMNS")).c_str(), nullptr, 10);
    return columns ? std::clamp(columns, narrowest, widest) : usual;
}

bool understands_escapes(int descriptor) {
    return ::isatty(descriptor) && variable("TERM") != "dumb" && variable("NO_COLOR").empty();
}

std::string painted(bool in_color, color with, const std::string& text) {
    if (!in_color) return text;
    return "\x1b[" + std::to_string(static_cast<int>(with)) + "m" + text + "\x1b[0m";
}

}  // namespace rendezvous::harness

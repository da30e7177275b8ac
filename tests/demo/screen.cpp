#include "tests/demo/screen.hpp"

#include <iostream>
#include <thread>

#include "tests/harness/text.hpp"

namespace rendezvous::demo {

constexpr std::size_t columns = 80;

std::string fitted(const std::string& line, std::size_t width) {
    const std::string cut = "...";
    auto text = harness::readable(line.substr(0, width + 1), line.size() + 1);
    if (text.size() <= width) return text;
    return text.substr(0, width - cut.size()) + cut;
}

void screen::heading(const std::string& text) {
    gap();
    print(text, cell::title);
    gap();
}

void screen::say(const std::string& text) {
    gap();
    for (const auto& line : harness::split_lines(harness::wrapped(text, columns, 0))) {
        put(line);
        std::this_thread::sleep_for(pause_);
    }
    gap();
}

void screen::print(const std::string& line, cell::style how) { put(painted(line, how)); }

void screen::gap() {
    if (!gap_) put("");
}

void screen::row(std::initializer_list<cell> cells) {
    std::string line;
    std::size_t at = 0, begin = 0;  // where the line ends, and where the window begins
    auto width = widths_.begin();
    for (const auto& one : cells) {
        auto text = fitted(one.text, *width);
        if (!text.empty()) {
            line.append(begin - at, ' ');
            line += painted(text, one.how);
            at = begin + text.size();
        }
        begin += *width++ + 1;
    }
    put(line);
    std::this_thread::sleep_for(pause_);
}

std::string screen::painted(const std::string& text, cell::style how) const {
    if (!colour_ || how == cell::heard) return text;
    const char* code = how == cell::typed     ? "1;36"  // bold cyan
                       : how == cell::remark  ? "33"    // yellow
                       : how == cell::missing ? "1;31"  // bold red
                                              : "1";    // bold
    return "\x1b[" + std::string(code) + "m" + text + "\x1b[m";
}

void screen::put(const std::string& line) {
    gap_ = line.empty();
    std::cout << line << '\n' << std::flush;
    if (!std::cout) throw audience_left();
}

}  // namespace rendezvous::demo

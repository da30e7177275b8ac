#include "tests/demo/window.hpp"

#include <signal.h>

#include <algorithm>

#include "tests/harness/text.hpp"

namespace rendezvous::demo {

using harness::deadline;
using harness::readable;

void house::begin_again() {
    talk = {};
    talk.keep_to_yourself(true);
    harness::eventually(2s, [&] { return server.socket_inodes().size() <= sockets; });
    settle();
}

window::window(house& h, const std::string& name)
    : house_(h),
      name_(name),
      program_({.argv = {h.netcat, "localhost", std::to_string(h.where.port)}, .keyboard = true}),
      client_(h.talk, name, program_.take_output(), program_.take_input()) {
    house_.talk.does(name_, "$ " + house_.command());
    house_.programs.push_back(&program_);
}

window::~window() { std::erase(house_.programs, &program_); }

std::optional<std::string> window::next_line(milliseconds slept) {
    // Usually the line has arrived already, and examining all processes is expensive.
    if (auto line = client_.try_read_line(std::min(slept / 2, 50ms))) return line;
    stillness still(house_.programs);
    deadline limit(20s);
    for (;;) {
        bool gone = program_.status().has_value();  // checked before its last output is read
        if (auto line = client_.try_read_line(std::min(slept / 2, 50ms))) return line;
        if (gone || limit.passed() || still.so_far() >= slept) return {};
    }
}

void window::missed(const std::string& expected) const {
    std::string came = "nothing, for 1 s and longer";
    if (auto status = program_.status()) {
        auto complaint = program_.err();
        came = "the end of the window (" +
               (complaint.empty() ? harness::describe_status(*status)
                                  : readable(complaint.substr(0, complaint.find('\n')))) +
               ")";
    }
    house_.talk.fail_expecting(name_, readable(expected), came);
}

std::string window::sees(const std::string& line) {
    auto came = next_line();
    if (!came) missed(line);
    if (*came != line) house_.talk.fail_expecting(name_, readable(line), readable(*came));
    return *came;
}

std::string window::is_greeted() {
    auto came = next_line();
    const std::string you_are = "You are ";
    if (!came) missed(you_are + "HOST:PORT");
    if (came->compare(0, you_are.size(), you_are) != 0)
        house_.talk.fail_expecting(name_, you_are + "HOST:PORT", readable(*came));
    who_ = came->substr(you_are.size());
    // A client that has been greeted may not have entered the room yet, and would miss what comes
    // next.
    house_.settle();
    return *came;
}

std::vector<std::string> window::sees_all(std::vector<std::string> wanted) {
    std::vector<std::string> lines;
    while (!wanted.empty()) {
        auto came = next_line();
        if (!came) missed(wanted.front());
        std::erase(wanted, *came);
        lines.push_back(std::move(*came));
    }
    return lines;
}

std::vector<std::string> window::sees_until_end() {
    std::vector<std::string> lines;
    while (auto came = next_line()) lines.push_back(std::move(*came));
    if (!program_.status()) missed("the end");
    return lines;
}

void window::presses_ctrl_c() {
    house_.talk.does(name_, "^C");
    program_.signal(SIGINT);
    program_.wait(deadline(5s));
}

void window::presses_ctrl_d() {
    house_.talk.does(name_, "^D");
    client_.half_close();
}

void window::presses_ctrl_z() {
    house_.talk.does(name_, "^Z");
    program_.signal(SIGSTOP);
}

void window::types_fg() {
    house_.talk.does(name_, "$ fg");
    program_.signal(SIGCONT);
}

void window::closes_by_itself() {
    if (auto status = program_.wait(deadline(20s)); !status || !harness::exited_with(*status, 0))
        missed("the end");
}

}  // namespace rendezvous::demo

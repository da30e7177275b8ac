#include "tests/harness/backtrace.hpp"

#include <map>
#include <regex>

#include "tests/harness/process.hpp"
#include "tests/harness/text.hpp"

namespace rendezvous::harness {

std::string backtrace_in_brief(const std::string& printed) {
    constexpr std::size_t most_threads = 8, most_frames = 4, longest_name = 40;
    // Thread 2 (Thread 0x7ffff7a00640 (LWP 123) "client"):
    static const std::regex thread("^Thread \\d+ \\(.*\\)(?: \"(.*)\")?\\)?:$");
    // #3  0x000055 in rendezvous::serve (port=0) at server.cpp:42
    static const std::regex frame(
        "^#\\d+ +(?:0x[0-9a-f]+ in )?(.*?) \\(.*?\\)?(?: at (.*:\\d+))?$");
    std::map<std::string, std::size_t> stacks;
    std::string stack;
    std::size_t frames = 0;
    const auto finish = [&] {
        if (!stack.empty()) ++stacks[stack];
        stack.clear();
        frames = 0;
    };
    for (const auto& line : split_lines(printed)) {
        std::smatch found;
        if (std::regex_match(line, found, thread)) {
            finish();
        } else if (line.find(" from /") == std::string::npos && frames < most_frames &&
                   std::regex_match(line, found, frame) && found[1] != "??") {
            const auto file = found[2].str();
            auto name = found[1].str();
            if (name.size() > longest_name) name = name.substr(0, longest_name - 3) + "...";
            stack += (frames++ ? " < " : "") + name;
            if (!file.empty()) stack += " (" + file.substr(file.rfind('/') + 1) + ")";
        }
    }
    finish();
    std::string text;
    std::size_t lines = 0;
    for (const auto& [what, count] : stacks)
        if (++lines <= most_threads)
            text += (count > 1 ? counted(count, "thread") + ": " : "") + what + "\n";
    return text;
}

std::string backtrace_of(pid_t pid) {
    try {
        const auto end = run({.argv = {"gdb", "-nx", "-batch", "-p", std::to_string(pid), "-ex",
                                       "set width 0", "-ex", "thread apply all backtrace 12"},
                              .environment = {{"DEBUGINFOD_URLS", ""}}},
                             10s);
        return backtrace_in_brief(end.out);
    } catch (const setup_error&) {
        return "";  // there is no gdb, or it takes too long
    }
}

}  // namespace rendezvous::harness

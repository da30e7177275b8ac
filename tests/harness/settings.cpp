#include "tests/harness/settings.hpp"

#include <algorithm>

#include "tests/harness/text.hpp"

namespace rendezvous::harness {

settings& current_settings() {
    static settings all;
    return all;
}

std::string example_command() { return "./course test 9 -- python3 mine.py {port}"; }

void check_command(const settings& how) {
    const std::string for_example = ", for example:\n  " + example_command();
    const auto& words = how.command;
    if (words.empty())
        throw setup_error("there is no server to judge: give its command after --" + for_example);
    auto has_port = [](const std::string& word) {
        return word.find("{port}") != std::string::npos;
    };
    if (std::none_of(words.begin(), words.end(), has_port))
        throw setup_error(
            "the command `" + shell_words(words) +
            "` does not say where its port goes: write {port} in the place of the port number" +
            for_example);
    if (!how.strict) return;
    auto mark = std::find(words.begin(), words.end(), "{port}");
    if (mark == words.end() || mark == words.begin() || *(mark - 1) != "--port")
        throw setup_error(
            "--strict judges the command line too, so the program must take the options of "
            "the course: write `--port {port}`, for example:\n"
            "  ./course test 9 --strict -- ./mine --port {port}");
}

bool is_passed_over(std::string_view line) {
    const auto& like = current_settings().passed_over;  // "A is here"
    if (like.empty()) return false;
    const auto end = line.find(' ');
    return end != std::string_view::npos && line.substr(end) == std::string_view(like).substr(1);
}

int rounds(int usually) {
    return std::max(1, static_cast<int>(usually * current_settings().rounds));
}

}  // namespace rendezvous::harness

#include "tests/harness/last_words.hpp"

#include <sys/wait.h>

#include <algorithm>
#include <csignal>
#include <cstring>
#include <regex>

#include "tests/harness/text.hpp"

namespace rendezvous::harness {

const std::vector<last_words_row>& last_words_table() {
    static const std::vector<last_words_row> table = {
        // A sanitizer's report comes first: it is closer to the cause than any consequence.
        {"a sanitizer's report",
         "((?:ERROR|WARNING|FATAL): (?:Address|HWAddress|Leak|Memory|Thread)Sanitizer.*)", nullptr,
         0,
         "the sanitizer's report on standard error: its first frames that are yours show where the "
         "mistake was made.",
         true},
        {"a sanitizer's report", "^(\\S+:\\d+:\\d+: runtime error: .*)", nullptr, 0,
         "the line that the sanitizer names: what it does is undefined in C++.", true},

        // C++.
        {"an uncaught exception", "^terminate called after throwing an instance of '(.*)'",
         "^  what\\(\\):  (.*)", 0,
         "where that is thrown, and where it is caught: what goes wrong with one client must be "
         "caught in that client's task, and must end nothing else."},
        {"an uncaught exception", "^libc\\+\\+abi: terminating.* uncaught exception of type (.*)",
         nullptr, 0,
         "where that is thrown, and where it is caught: what goes wrong with one client must be "
         "caught in that client's task, and must end nothing else."},
        {"a thread or fiber destroyed without join()",
         "^terminate called without an active exception", nullptr, 0,
         "every std::thread and fiber: one was still joinable when it was destroyed.  Call join() "
         "or detach() before that, on every way out of the scope, exceptions included."},
        {"a thread or fiber destroyed without join()", "^libc\\+\\+abi: terminating()$", nullptr, 0,
         "every std::thread and fiber: one was still joinable when it was destroyed.  Call join() "
         "or detach() before that, on every way out of the scope, exceptions included."},
        {"a failed assertion", "(Assertion .* failed.*)", nullptr, 0,
         "the line that the assertion names, and what it takes for granted."},
        {"damaged memory, found by the C library",
         "^(\\*\\*\\* .* \\*\\*\\*: terminated|double free or corruption.*|free\\(\\): "
         ".*|malloc\\(\\): .*"
         "|munmap_chunk\\(\\): .*|realloc\\(\\): .*|corrupted .*)",
         nullptr, 0,
         "what is written beyond its end or freed twice, earlier than where the program ended; "
         "AddressSanitizer (-fsanitize=address) shows the place."},

        // Other languages.
        {"a Go panic", "^panic: (.*)", nullptr, 0,
         "the goroutine that the panic names on standard error, and its first frame that is "
         "yours."},
        {"a Go runtime error", "^fatal error: (.*)", nullptr, 0,
         "the goroutines that the report on standard error lists, and what each of them waits "
         "for."},
        {"a Rust panic", "^thread '.*'(?: \\(\\d+\\))? panicked at (.*)", "^(?!note:)([^ ].*)", 0,
         "the line that the panic names."},
        {"a Java exception", "^Exception in thread \"[^\"]*\" (.*)", nullptr, 0,
         "the first frame of the stack trace on standard error that is yours."},
        {"a Python exception", "^Traceback \\(most recent call last\\):()",
         "^((?:[A-Za-z_]\\w*\\.)*[A-Za-z_]\\w*(?:: .*)?)$", 0,
         "the last line of the traceback on standard error that is yours."},
        {"an uncaught JavaScript error", "^(?:Uncaught )?(\\w*Error(?: \\[\\w+\\])?: .*)",
         "^    at ()", 0, "the first frame of the stack on standard error that is yours."},

        // If it wrote nothing, the status tells how it ended.
        {"killed by", nullptr, nullptr, SIGPIPE,
         "how the server writes: writing to a client that has left raises SIGPIPE, which ends a "
         "program that does not ignore it (signal(SIGPIPE, SIG_IGN), or send() with "
         "MSG_NOSIGNAL)."},
        {"killed by", nullptr, nullptr, SIGSEGV,
         "pointers, references and iterators to what no longer exists (a client that left, a "
         "vector that grew), and at indices; AddressSanitizer (-fsanitize=address) shows the "
         "place."},
        {"killed by", nullptr, nullptr, SIGABRT,
         "the call of abort(): the program ended itself because a check had failed."},
        {"killed by", nullptr, nullptr, SIGKILL,
         "memory: the kernel kills a program this way when no memory is left."},
        {"killed by", nullptr, nullptr, -1,
         "why the server ended: what it wrote on standard error, if anything."},
    };
    return table;
}

namespace {

std::optional<std::string> match(const last_words_row& row, const std::vector<std::string>& lines) {
    const std::regex begins(row.begins);
    // The last match counts.
    for (auto line = lines.rbegin(); line != lines.rend(); ++line) {
        std::smatch found;
        if (!std::regex_search(*line, found, begins)) continue;
        auto text = found.size() > 1 ? found[1].str() : "";
        if (!row.continues) return text;
        const std::regex continues(row.continues);
        for (auto later = line.base(); later != lines.end(); ++later) {
            std::smatch more;
            if (!std::regex_search(*later, more, continues)) continue;
            const auto rest = more[1].str();
            if (!text.empty() && !rest.empty()) text += text.back() == ':' ? " " : ": ";
            return text + rest;
        }
        // An exception without what(), a panic with its message on the same line.
        const bool is_whole = !text.empty() && std::strcmp(row.continues, "^    at ()") != 0;
        if (is_whole) return text;
    }
    return {};
}

std::vector<std::string> newest_lines(const std::string& text) {
    constexpr std::size_t most = 64 * 1024;
    return split_lines(text.size() > most ? text.substr(text.size() - most) : text);
}

}  // namespace

std::optional<last_words> last_words_of(const std::string& standard_error,
                                        std::optional<int> status) {
    const auto lines = newest_lines(standard_error);
    for (const auto& row : last_words_table()) {
        if (row.begins) {
            if (auto text = match(row, lines)) return last_words{row.name, *text, row.advice};
        } else if (status && WIFSIGNALED(*status)) {
            const int signal = WTERMSIG(*status);
            if (row.signal != signal && row.signal != -1) continue;
            return last_words{"signal " + std::to_string(signal) + " (" + ::strsignal(signal) + ")",
                              "", row.advice, true};
        }
    }
    return {};
}

std::string sanitizer_complaint(const std::string& standard_error) {
    const auto lines = newest_lines(standard_error);
    for (const auto& row : last_words_table())
        if (row.sanitizer)
            if (auto text = match(row, lines)) return *text;
    return "";
}

}  // namespace rendezvous::harness

// What a program itself said of its end, or of a failure that it survived, recognized and named.
// What a program says of itself wins over every guess of ours.
#pragma once
#include <optional>
#include <string>
#include <vector>

namespace rendezvous::harness {

struct last_words {
    std::string name;  // "an uncaught exception"
    std::string text;  // "std::runtime_error: cannot read", whole; empty where the name says it all
    std::string advice;      // to follow "Look first at "
    bool is_signal = false;  // it said nothing: this is how it ended

    std::string str() const { return text.empty() ? name : name + ": " + text; }
};

// `status` is that of wait(), of a program that has ended.  Nothing where it ended by itself and
// said nothing that we know.
std::optional<last_words> last_words_of(const std::string& standard_error,
                                        std::optional<int> status);

// A sanitizer's report, which counts even if the program ends with status 0; empty if there is
// none.
std::string sanitizer_complaint(const std::string& standard_error);

// The table from which the two above choose, from the first row to the last: so that a test can see
// that each row is chosen.
struct last_words_row {
    const char* name;
    const char* begins;     // a pattern for a line; its first group is the text
    const char* continues;  // a pattern for a later line, whose first group is added; or none
    int signal;             // instead of the patterns: it was killed by this; -1 is any signal
    const char* advice;
    bool sanitizer = false;
};
const std::vector<last_words_row>& last_words_table();

}  // namespace rendezvous::harness

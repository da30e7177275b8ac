// Recognizes and names what a program wrote about its own end, or about a failure that it survived.
// What the program itself reports takes precedence over any guess of the harness.
#pragma once
#include <optional>
#include <string>
#include <vector>

namespace rendezvous::harness {

struct last_words {
    std::string name;        // "an uncaught exception"
    std::string text;        // "std::runtime_error: cannot read"; empty if the name says it all
    std::string advice;      // follows "Look first at "
    bool is_signal = false;  // it wrote nothing: this is the signal that ended it

    std::string str() const { return text.empty() ? name : name + ": " + text; }
};

// `status` is the status from wait() of a program that has ended.  Returns nothing if the program
// exited by itself and wrote nothing that is recognized.
std::optional<last_words> last_words_of(const std::string& standard_error,
                                        std::optional<int> status);

// A sanitizer's report, which counts even if the program ends with status 0; empty if there is
// none.
std::string sanitizer_complaint(const std::string& standard_error);

// The table that the two functions above search from the first row to the last.  It is public so
// that a test can check that each row is found.
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

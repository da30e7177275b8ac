// The log of everything that the clients of a test sent and received.  A failed test prints it:
// which client sent what, what was expected, what came, and what to look at first.
#pragma once
#include <gtest/gtest.h>

#include <deque>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace rendezvous::harness {

class process;

// An expectation that was not met.  It ends the test: GoogleTest takes its base class for a failure
// that has been reported already.  Code that only observes a server catches it.
class mismatch : public testing::AssertionException {
public:
    mismatch(std::string headline, std::string report, const testing::TestPartResult& result)
        : AssertionException(result), headline_(std::move(headline)), report_(std::move(report)) {}
    const std::string& headline() const { return headline_; }  // one sentence
    const std::string& report() const { return report_; }      // with the conversation

private:
    std::string headline_, report_;
};

class conversation {
public:
    // From now on the log shows the name instead of the address.
    void introduce(const std::string& name, const std::string& address);

    void sends(const std::string& who, std::string_view line);
    void receives(const std::string& who, std::string_view line);
    void does(const std::string& who, const std::string& what);  // "hangs up"

    // Clears the log and the names, so that a test that makes many attempts prints only one.
    void start_over();

    // Replaces the log so far by one entry that sums it up.
    void in_short(const std::string& who, const std::string& what);

    // Sets the hint of this test.  Without it the log prints the hint of the capability, or of the
    // line that was expected.
    void look_first_at(std::string what) { look_first_ = std::move(what), particular_ = true; }
    void look_first_by_default_at(std::string what) {
        look_first_ = std::move(what), particular_ = false;
    }
    const std::string& look_first() const { return look_first_; }

    // From now on a failure also reports how the server ended, and what it last wrote on standard
    // error: nothing else explains a failure better.
    void watch(const process* server) { server_ = server; }
    const process* server() const { return server_; }
    // From now on the server is expected to end.
    void told_to_end(bool told = true) { told_to_end_ = told; }

    // The next failure also prints what the server's threads are doing now.
    void show_threads();

    // Reports nothing to GoogleTest: for an observation, of which a failure is a possible result.
    void keep_to_yourself(bool quiet) { quiet_ = quiet; }

    [[noreturn]] void fail(const std::string& headline);
    // A client did not receive what it expected.  If the server has ended, the report says so
    // first.
    [[noreturn]] void fail_client(const std::string& headline);
    // The server has ended unexpectedly, or in the wrong way.
    [[noreturn]] void fail_end(int status, const std::string& headline);
    // "alice cannot connect to ...: Connection refused"
    [[noreturn]] void fail_to_connect(const std::string& why);
    // One line was expected and another came, with these after it.
    [[noreturn]] void fail_expecting(const std::string& who, const std::string& expected,
                                     const std::string& came,
                                     const std::vector<std::string>& after_it = {});

    // A line came before this one, and none was expected there.
    [[noreturn]] void fail_silence(const std::string& who, const std::string& before,
                                   const std::string& came,
                                   const std::vector<std::string>& after_it);

    // What was expected or what happened was not a line: "the end of the connection", "nothing
    // came".
    [[noreturn]] void fail_otherwise(const std::string& who, const std::string& expected,
                                     const std::string& happened,
                                     const std::vector<std::string>& after_it = {});

    // The text with addresses replaced by names, as in a report.
    std::string named(std::string text) const;
    // The log alone.
    std::string str(std::size_t newest = 40) const;
    // Everything that a failure prints.
    std::string report(const std::string& headline) const;

private:
    void hint_at(const std::string& who, const std::string& expected, const std::string& happened);
    std::string again(const std::string& who, const std::string& came) const;
    bool has_received(const std::string& who, const std::string& line) const;
    void log(const std::string& who, const std::string& mark, const std::string& text);

    struct event {
        std::string who, mark, text;
        std::size_t times = 1;
    };
    std::deque<event> events_;
    std::size_t forgotten_ = 0;
    std::vector<std::pair<std::string, std::string>> names_;  // address, name
    std::string look_first_;
    bool particular_ = false, told_to_end_ = false, waited_ = false;
    std::string threads_;
    const process* server_ = nullptr;
    bool quiet_ = false;
};

}  // namespace rendezvous::harness

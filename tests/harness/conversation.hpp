// What all the clients of a test said and heard, in one log.  It is what a failed test prints: who
// sent what, what was expected, what came, and what to look at first.
#pragma once
#include <gtest/gtest.h>

#include <deque>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace rendezvous::harness {

class process;

// An expectation that was not met.  It ends the test (GoogleTest knows its base class as one whose
// failure has been reported already), and is caught by whoever only wants to know.
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
    // From now on the address is shown as the name.
    void introduce(const std::string& name, const std::string& address);

    void sends(const std::string& who, std::string_view line);
    void receives(const std::string& who, std::string_view line);
    void does(const std::string& who, const std::string& what);  // "hangs up"

    // Forgets what was said and who is who: a test that tries the same again and again prints one
    // try.
    void start_over();

    // Puts this in the place of all that was said: the beginning of a long story.
    void in_short(const std::string& who, const std::string& what);

    // For this test in particular; otherwise what is said of the whole capability, or of the line
    // that was expected, is printed.
    void look_first_at(std::string what) { look_first_ = std::move(what), particular_ = true; }
    void look_first_by_default_at(std::string what) {
        look_first_ = std::move(what), particular_ = false;
    }
    const std::string& look_first() const { return look_first_; }

    // Its death explains a failure better than anything else, and so does what it last complained
    // of.
    void watch(const process* server) { server_ = server; }
    const process* server() const { return server_; }
    // From now on its end is no surprise.
    void told_to_end(bool told = true) { told_to_end_ = told; }

    // To be printed with the failure that follows: what the server's threads are doing now.
    void show_threads();

    // Where nothing is reported to GoogleTest: an observation whose failing is itself a result.
    void keep_to_yourself(bool quiet) { quiet_ = quiet; }

    [[noreturn]] void fail(const std::string& headline);
    // What a client did not get; a server that has ended is said first, and to be looked at first.
    [[noreturn]] void fail_client(const std::string& headline);
    // The server has ended, which it was not to do, or not like this.
    [[noreturn]] void fail_end(int status, const std::string& headline);
    // "alice cannot connect to ...: Connection refused"
    [[noreturn]] void fail_to_connect(const std::string& why);
    // One line was expected and another came, with these after it.
    [[noreturn]] void fail_expecting(const std::string& who, const std::string& expected,
                                     const std::string& came,
                                     const std::vector<std::string>& after_it = {});

    // Nothing was to come before this line.
    [[noreturn]] void fail_silence(const std::string& who, const std::string& before,
                                   const std::string& came,
                                   const std::vector<std::string>& after_it);

    // Something else than a line was expected or happened: "the end of the connection", "nothing
    // came".
    [[noreturn]] void fail_otherwise(const std::string& who, const std::string& expected,
                                     const std::string& happened,
                                     const std::vector<std::string>& after_it = {});

    // Addresses replaced by names, as in what it prints.
    std::string named(std::string text) const;
    // The log alone.
    std::string str(std::size_t newest = 40) const;
    // All that a failure prints.
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

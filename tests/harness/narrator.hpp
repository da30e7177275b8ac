// What a run prints: a line for each test as it ends, the conversation of a test that failed, and
// at the end what holds, what does not, and what to look at first.  It replaces GoogleTest's
// printer.
#pragma once
#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <mutex>
#include <ostream>
#include <string>
#include <vector>

#include "tests/harness/capability.hpp"
#include "tests/harness/settings.hpp"

namespace rendezvous::harness {

// What became of one test.
struct result {
    std::string suite, name;
    enum { passed, failed, skipped, not_tried } how = passed;
    std::string verdict = {}, story = {};  // of those that observe a capability
    std::string message = {};              // all that it said, where it failed or was skipped
    double seconds = 0;
};

std::string headline_of(const result&);  // of one that failed: its first sentence
std::string hint_of(const result&);      // "Look first at ...", or nothing
// The capability that it is about, or the name of its suite in plain words.
std::string subject_of(const std::string& suite);

// The summary, apart from the time: a function of what happened, so that it can be tested.
std::string summary(const settings&, const std::vector<result>&, bool in_color);

// Throws setup_error if no test was tried to its end, and says why: a run that has judged nothing
// must not look like one in which everything holds.
void require_judgement(const std::vector<result>&);

// Keeps what became of each test.
class recorder : public testing::EmptyTestEventListener {
public:
    void OnTestIterationStart(const testing::UnitTest&, int iteration) override;
    void OnTestStart(const testing::TestInfo&) override;
    void OnTestPartResult(const testing::TestPartResult&) override;
    void OnTestEnd(const testing::TestInfo&) override;

    const std::vector<result>& results() const { return results_; }
    // What became of the tests of this iteration (--gtest_repeat), and those that are to come as
    // not tried.  Another thread may ask while tests run.
    std::vector<result> results_so_far() const;

private:
    std::vector<result> results_;
    std::size_t iteration_ = 0;  // its first result
    std::string messages_;
    mutable std::mutex mutex_;
};

class narrator : public recorder {
public:
    narrator(std::ostream& out, bool in_color) : out_(out), in_color_(in_color) {}

    void OnTestSuiteStart(const testing::TestSuite&) override;
    void OnTestEnd(const testing::TestInfo&) override;
    void OnTestIterationEnd(const testing::UnitTest&, int iteration) override;

    // The summary of a run that ends here, before its time.
    void finish_early(const std::string& why) const;

private:
    std::ostream& out_;
    bool in_color_;
    std::string last_reason_;
    std::map<std::string, int> failed_in_;
};

}  // namespace rendezvous::harness

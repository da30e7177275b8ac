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

// The result of one test.
struct result {
    std::string suite, name;
    enum { passed, failed, skipped, not_tried } how = passed;
    std::string verdict = {}, story = {};  // only of a test that observes a capability
    std::string message = {};              // the full text of a failure, or why it was skipped
    double seconds = 0;
};

std::string headline_of(const result&);  // of one that failed: its first sentence
std::string hint_of(const result&);      // "Look first at ...", or nothing
// The capability that a suite judges, or the name of the suite in plain words.
std::string subject_of(const std::string& suite);

// The summary, without the time: it depends only on the results, so that it can be tested.
std::string summary(const settings&, const std::vector<result>&, bool in_color);

// Throws setup_error, with the reason, if no test ran to its end: a run that has judged nothing
// must not look like one in which everything holds.
void require_judgement(const std::vector<result>&);

// Records the result of each test.
class recorder : public testing::EmptyTestEventListener {
public:
    void OnTestIterationStart(const testing::UnitTest&, int iteration) override;
    void OnTestStart(const testing::TestInfo&) override;
    void OnTestPartResult(const testing::TestPartResult&) override;
    void OnTestEnd(const testing::TestInfo&) override;

    const std::vector<result>& results() const { return results_; }
    // The results of this iteration (--gtest_repeat); tests that have not run yet are `not_tried`.
    // Another thread may call this while tests run.
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

    // Prints the summary of a run that is cut short.
    void finish_early(const std::string& why) const;

private:
    std::ostream& out_;
    bool in_color_;
    std::string last_reason_;
    std::map<std::string, int> failed_in_;
};

}  // namespace rendezvous::harness

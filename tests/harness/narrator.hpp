// What a run prints: a line per test as it goes, the conversation of what failed, and at the end
// what holds, what does not and what to look at first.  It takes the place of GoogleTest's own
// printer.
#pragma once
#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <ostream>
#include <string>
#include <vector>

#include "tests/harness/capability.hpp"
#include "tests/harness/settings.hpp"

namespace rendezvous::harness {

// What became of one test.
struct result {
    std::string suite, name;
    enum { passed, failed, skipped } how = passed;
    std::string verdict = {}, story = {};  // of those that observe a capability
    std::string message = {};              // all that it said, where it failed or was skipped
};

std::string headline_of(const result&);  // of one that failed: its first sentence
std::string hint_of(const result&);      // "Look first at ...", or nothing

// The summary, apart from the time: a function of what happened, so that it can be tested.
std::string summary(const settings&, const std::vector<result>&, bool colour);

// Keeps what became of each test.
class recorder : public testing::EmptyTestEventListener {
public:
    void OnTestStart(const testing::TestInfo&) override;
    void OnTestPartResult(const testing::TestPartResult&) override;
    void OnTestEnd(const testing::TestInfo&) override;

    const std::vector<result>& results() const { return results_; }

protected:
    std::vector<result> results_;

private:
    std::string messages_;
};

class narrator : public recorder {
public:
    narrator(std::ostream& out, bool colour) : out_(out), colour_(colour) {}

    void OnTestSuiteStart(const testing::TestSuite&) override;
    void OnTestEnd(const testing::TestInfo&) override;
    void OnTestIterationEnd(const testing::UnitTest&, int iteration) override;

private:
    std::ostream& out_;
    bool colour_;
    std::string last_reason_;
    std::map<std::string, int> failed_in_;
};

}  // namespace rendezvous::harness

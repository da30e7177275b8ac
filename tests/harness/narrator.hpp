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

// The summary, apart from the time: a function of what happened, so that it can be tested.
std::string summary(const settings&, const std::vector<result>&, bool colour);

class narrator : public testing::EmptyTestEventListener {
public:
    narrator(std::ostream& out, bool colour) : out_(out), colour_(colour) {}

    void OnTestSuiteStart(const testing::TestSuite&) override;
    void OnTestStart(const testing::TestInfo&) override;
    void OnTestPartResult(const testing::TestPartResult&) override;
    void OnTestEnd(const testing::TestInfo&) override;
    void OnTestIterationEnd(const testing::UnitTest&, int iteration) override;

private:
    std::ostream& out_;
    bool colour_;
    std::string messages_, last_reason_;
    std::map<std::string, int> failed_in_;
    std::vector<result> results_;
};

}  // namespace rendezvous::harness

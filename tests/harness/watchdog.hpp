// A test that hangs is not silent: a little before CTest would end the test program, it says what
// the server's threads are doing, ends what it has started, and fails.
#pragma once
#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

namespace rendezvous::harness {

class watchdog : public testing::EmptyTestEventListener {
public:
    explicit watchdog(std::chrono::seconds limit);  // for each test
    ~watchdog() override;

    void OnTestStart(const testing::TestInfo&) override;
    void OnTestEnd(const testing::TestInfo&) override;

private:
    void watch();
    void set_test(std::string);

    std::chrono::seconds limit_;
    std::string test_;  // that runs; empty between two
    int tests_ = 0;
    bool over_ = false;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::thread watcher_;
};

}  // namespace rendezvous::harness

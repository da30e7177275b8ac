// Reports a test that hangs: shortly before CTest would end the test program, the watchdog prints
// what the server's threads are doing, ends all programs that the test has started, and fails.
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
    std::string test_;  // the one that is running; empty between two tests
    int tests_ = 0;
    bool over_ = false;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::thread watcher_;
};

}  // namespace rendezvous::harness

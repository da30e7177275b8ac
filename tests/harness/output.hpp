// Reads what a program prints while it prints it.  Otherwise the program would block as soon as the
// pipe is full.
#pragma once
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>

#include "tests/harness/deadline.hpp"
#include "tests/harness/descriptor.hpp"

namespace rendezvous::harness {

class output {
public:
    output(descriptor out, descriptor err);  // the ends that we read; either may be none
    ~output();
    output(const output&) = delete;

    // Only the newest megabyte is kept; all lines are counted.
    std::string out() const;
    std::string err() const;
    std::uint64_t err_lines() const;

    // The first whole line; empty if the output ended, or the deadline passed, before.
    std::string first_line(deadline) const;
    // The first whole line of standard error that contains this; empty if there was none.
    std::string line_on_err(const std::string& with, deadline) const;
    // Waits until no process holds the other ends any more; false if the deadline passes first.
    bool await_end(deadline) const;

private:
    struct text {
        descriptor from;
        std::string newest;
        std::uint64_t lines = 0;
    };

    void drain();
    bool take(text&);

    text out_, err_;
    descriptor stop_;  // an eventfd that tells the reader to stop
    bool ended_ = false;
    mutable std::mutex mutex_;
    mutable std::condition_variable changed_;
    std::thread reader_;
};

}  // namespace rendezvous::harness

// A program that the harness has started.  It has a process group of its own, its output is read
// all the time, and the harness ends it with everything that it started, and no other process.
#pragma once
#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "tests/harness/deadline.hpp"
#include "tests/harness/descriptor.hpp"
#include "tests/harness/limits.hpp"
#include "tests/harness/output.hpp"
#include "tests/harness/proc.hpp"
#include "tests/harness/spawn.hpp"

namespace rendezvous::harness {

class process {
public:
    explicit process(launch);  // throws setup_error, as spawn() does
    ~process();                // kills it and everything that it started, if still running
    process(const process&) = delete;

    pid_t pid() const { return child_.pid; }
    const std::vector<std::string>& argv() const { return argv_; }

    // The status as wait() gives it, once the program has ended.  The destructor reaps the process,
    // so that no other process can get its number before.
    std::optional<int> status() const;
    std::optional<int> wait(deadline) const;
    // Waits until everything that it and its children have printed has been read.  On a busy
    // machine that may be shortly after its end.
    void await_output(deadline limit) const { output_.await_end(limit); }
    int ended() const { return child_.ended.get(); }  // a descriptor: readable once it has ended

    void signal(int number) const;  // to its process group, as a terminal does

    // What it has printed: see output.
    std::string out() const { return output_.out(); }
    std::string err() const { return output_.err(); }
    std::uint64_t err_lines() const { return output_.err_lines(); }
    std::string first_line(deadline) const;
    std::string line_on_err(const std::string& with, deadline limit) const {
        return output_.line_on_err(with, limit);
    }
    // Both ends of the pipes to it, where `keyboard` was asked for: they are the caller's then.
    descriptor take_input() { return std::move(child_.input); }
    descriptor take_output() { return std::move(keyboard_output_); }

    // Figures and limits of it and of all that it started: see proc and limits.
    proc::pids family() const { return proc::family(child_.pid, child_.mark); }
    // What it left behind when it ended: a daemon, for example.
    proc::pids left_behind() const;
    std::string what_threads_do() const;
    std::uint64_t resident_bytes() const { return proc::resident_bytes(family()); }
    std::uint64_t address_space() const { return proc::address_space(family()); }
    std::size_t descriptors() const { return proc::descriptors(family()); }
    std::vector<std::string> thread_names() const { return proc::thread_names(family()); }
    std::set<std::string> socket_inodes() const { return proc::socket_inodes(family()); }
    harness::activity activity() const { return proc::activity(family()); }
    void limit_descriptors(std::uint64_t most) const { harness::limit_descriptors(family(), most); }
    void limit_address_space(std::uint64_t bytes) const {
        harness::limit_address_space(family(), bytes);
    }

    // Kills it and everything that it started; the caller must still wait for it.
    void kill() const;

private:
    std::vector<std::string> argv_;
    spawned child_;
    descriptor keyboard_output_;
    output output_;
};

// Kills every program that is running, and all that they started: for a harness that is about to
// exit in the middle of a test.  It allocates and locks, so it is for a thread that waits for
// signals, not for a signal handler.
void end_all_processes();

// What the threads of all these programs do: empty if there are none.
std::string what_all_threads_do();

// Runs a program to its end.
struct outcome {
    int status = 0;
    std::string out, err;
};
outcome run(launch, milliseconds within);

// "exit status 1", "killed by signal 11 (Segmentation fault)"
std::string describe_status(int status);
bool exited_with(int status, int code);

}  // namespace rendezvous::harness

// A program that the harness has started: in a process group of its own, its output drained at all
// times, ended with everything it started when the harness ends.  No other process is ever touched.
#pragma once
#include <sys/types.h>

#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "tests/harness/deadline.hpp"
#include "tests/harness/descriptor.hpp"

namespace rendezvous::harness {

// Something that has to do with the machine or with what the harness was told, not with how the
// judged program talks: a program that is missing, one that never listens.
struct setup_error : std::runtime_error {
    using std::runtime_error::runtime_error;
};

struct launch {
    std::vector<std::string> argv;  // the program is searched for in PATH, as a shell does
    std::map<std::string, std::string> environment = {};  // added to ours
    std::optional<std::uint64_t> descriptors = {};        // RLIMIT_NOFILE; else the usual 1,024
    bool keyboard = false;                                // we hold the other end of its input
};

// How much it has worked, and whether any of its threads has something to do at this moment.
struct activity {
    std::uint64_t processor_ns = 0;
    bool runnable = false;
};

class process {
public:
    explicit process(launch);  // throws cannot: "cannot start 'pyhton3': No such file or directory"
    ~process();                // SIGKILL to its group if anything is left of it
    process(const process&) = delete;

    pid_t pid() const { return pid_; }
    const std::vector<std::string>& argv() const { return argv_; }

    // The status as wait() gives it, once the program has ended.  It is reaped in the destructor,
    // so that its number cannot pass to a stranger before.
    std::optional<int> status() const;
    std::optional<int> wait(deadline) const;
    // Until all that it and its children have printed has been read: on a machine that is busy that
    // may be a moment after its end.
    void await_output(deadline) const;
    int ended() const { return ended_.get(); }  // a descriptor: readable once it has ended

    void signal(int number) const;  // to its process group, as a terminal does

    // What it has printed.  Of a flood the newest megabyte is kept; lines are counted.
    std::string out() const;
    std::string err() const;
    std::uint64_t err_lines() const;
    // Waits until its output has a whole line; empty when it ended, or the deadline passed, before.
    std::string first_line(deadline);
    // Waits until it has written this on standard error; the whole line with it, empty if it did
    // not.
    std::string line_on_err(const std::string& with, deadline);
    // Both ends of the pipes to it, where `keyboard` was asked for: they are the caller's then.
    descriptor take_input() { return std::move(input_); }
    descriptor take_output() { return std::move(keyboard_output_); }

    // Of all the processes of its group.
    std::uint64_t resident_bytes() const;
    std::size_t descriptors() const;
    std::vector<std::string> thread_names() const;
    std::set<std::string> socket_inodes() const;  // as /proc/net/tcp names sockets
    harness::activity activity() const;
    std::uint64_t address_space() const;  // bytes: all that is mapped, used or not
    // Limits that hold from now on.
    void limit_descriptors(std::uint64_t most) const;
    void limit_address_space(std::uint64_t bytes) const;

private:
    void drain();
    std::vector<pid_t> group() const;

    std::vector<std::string> argv_;
    pid_t pid_ = -1;
    descriptor ended_, out_pipe_, err_pipe_, input_, keyboard_output_, stop_;
    struct text {
        std::string newest;
        std::uint64_t lines = 0;
    } out_, err_;
    bool drained_ = false;
    mutable std::mutex mutex_;
    mutable std::condition_variable changed_;
    std::thread reader_;
};

// Runs a program to its end.
struct outcome {
    int status = 0;
    std::string out, err;
};
outcome run(launch, milliseconds within);

std::string describe_status(
    int status);  // "exit status 1", "killed by signal 11 (Segmentation ...)"
bool exited_with(int status, int code);

// A thousand clients need a thousand descriptors: takes as many as the system lets us have.
void raise_own_limits();

}  // namespace rendezvous::harness

// Starts a program: fork and exec, with its standard streams connected to the harness.
#pragma once
#include <sys/types.h>

#include <cstdint>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/harness/descriptor.hpp"

namespace rendezvous::harness {

// Something is wrong with the machine or with the command line of the harness, not with how the
// judged server behaves: a program is missing, or it never listens.
struct setup_error : std::runtime_error {
    using std::runtime_error::runtime_error;
};

// The program does not exist or cannot be executed.
struct start_error : setup_error {
    using setup_error::setup_error;
};
// Throws start_error if that is known before the program is started.
void check_program(const std::string& name);

struct launch {
    std::vector<std::string> argv;  // the program is searched for in PATH, as a shell does
    std::map<std::string, std::string> environment = {};  // added to ours
    std::optional<std::uint64_t> descriptors = {};        // RLIMIT_NOFILE; else the usual 1,024
    bool keyboard = false;                                // we hold the other end of its input
};

struct spawned {
    pid_t pid = -1;
    std::string mark;          // in its environment, and so in that of all it starts: see proc
    descriptor ended;          // a pidfd: readable once the program has ended
    descriptor input;          // what we write here, it reads; only with `keyboard`
    descriptor output, error;  // what it prints
};

// The program leads a process group of its own, gets the signal handling that a shell would give
// it, and no descriptors but its standard streams.  It is killed if the harness dies.  From the
// first call on, the kernel makes the harness the parent of whatever its programs leave behind.
// Throws start_error: "Cannot start 'pyhton3': No such file or directory."
spawned spawn(const launch&);

}  // namespace rendezvous::harness

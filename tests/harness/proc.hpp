// What the kernel reports about processes, read from /proc.  A process may end while it is being
// examined; it then counts as nothing.
#pragma once
#include <sys/types.h>

#include <cstdint>
#include <set>
#include <string>
#include <vector>

namespace rendezvous::harness {

// How much processes have worked, and whether any thread of theirs has something to do right now.
struct activity {
    std::uint64_t processor_ns = 0;
    bool runnable = false;
};

namespace proc {

using pids = std::vector<pid_t>;

// Every process that belongs to a started program: its process group, its descendants, and those
// that it left behind (daemons), whose new parent is the harness.  The latter are recognized by the
// mark in their environment; a daemon that has cleared its environment is not found.
pids family(pid_t leader, const std::string& mark);
// Those of them that are still running.
pids alive(const pids&);
// The harness's own children that have ended, except these.
pids ended_children(const pids& except);

// What each thread does, according to the kernel, as readable text: one line for all threads that
// do the same.
std::string what_threads_do(const pids&);

std::uint64_t resident_bytes(const pids&);
std::uint64_t address_space(const pids&);  // bytes: all that is mapped, used or not
std::size_t descriptors(const pids&);
std::set<std::string> socket_inodes(const pids&);    // as /proc/net/tcp names sockets
std::vector<std::string> thread_names(const pids&);  // sorted
harness::activity activity(const pids&);

}  // namespace proc
}  // namespace rendezvous::harness

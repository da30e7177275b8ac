// What the kernel says of processes, read from /proc.  Processes come and go while we look: one
// that is gone counts for nothing.
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

// Every process that a started program consists of: its process group, its descendants, and those
// that it left behind (a daemon), which the kernel gave to us as their new parent.  The latter have
// the mark in their environment; one that also cleared its environment is not found.
pids family(pid_t leader, const std::string& mark);
// Those among them that still run.
pids alive(const pids&);
// Children of ours that have ended, except these.
pids ended_children(const pids& except);

// What each thread does, in the kernel's words, as text for people: one line for all threads that
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

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

pids group(pid_t leader);  // the members of a process group

std::uint64_t resident_bytes(const pids&);
std::uint64_t address_space(const pids&);  // bytes: all that is mapped, used or not
std::size_t descriptors(const pids&);
std::set<std::string> socket_inodes(const pids&);    // as /proc/net/tcp names sockets
std::vector<std::string> thread_names(const pids&);  // sorted
harness::activity activity(const pids&);

}  // namespace proc
}  // namespace rendezvous::harness

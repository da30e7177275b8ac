// Limits on what processes may take: those of a server under test, and our own.
#pragma once
#include <sys/types.h>

#include <cstdint>
#include <vector>

namespace rendezvous::harness {

// They hold from now on, for programs that run already.
void limit_descriptors(const std::vector<pid_t>&, std::uint64_t most);
void limit_address_space(const std::vector<pid_t>&, std::uint64_t bytes);

// A thousand clients need a thousand descriptors: takes as many as the kernel lets us have.
// Ignores SIGPIPE, too: a server that closes a connection must not end the harness.  SIGCHLD is not
// ignored: whatever started us may do so, and then no program's exit status would ever be known.
void raise_own_limits();

}  // namespace rendezvous::harness

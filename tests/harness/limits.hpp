// Resource limits: those of a server under test, and the harness's own.
#pragma once
#include <sys/types.h>

#include <cstdint>
#include <vector>

namespace rendezvous::harness {

// These set a limit of processes that are already running.
void limit_descriptors(const std::vector<pid_t>&, std::uint64_t most);
void limit_address_space(const std::vector<pid_t>&, std::uint64_t bytes);

// Raises the descriptor limit as far as the kernel allows: a thousand clients need a thousand
// descriptors.  Also ignores SIGPIPE, because a server that closes a connection must not end the
// harness, and restores SIGCHLD: our parent may have set it to be ignored, and then the kernel
// would keep no exit status.
void raise_own_limits();

}  // namespace rendezvous::harness

#include "tests/harness/limits.hpp"

#include <signal.h>
#include <sys/resource.h>

namespace rendezvous::harness {

namespace {

void limit(const std::vector<pid_t>& members, __rlimit_resource what, std::uint64_t most) {
    for (auto member : members) {
        rlimit now{};
        ::prlimit(member, what, nullptr, &now);
        now.rlim_cur = most;
        ::prlimit(member, what, &now, nullptr);
    }
}

}  // namespace

void limit_descriptors(const std::vector<pid_t>& members, std::uint64_t most) {
    limit(members, RLIMIT_NOFILE, most);
}

void limit_address_space(const std::vector<pid_t>& members, std::uint64_t bytes) {
    limit(members, RLIMIT_AS, bytes);
}

void raise_own_limits() {
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
    ::signal(SIGPIPE, SIG_IGN);
    ::signal(SIGCHLD, SIG_DFL);
}

}  // namespace rendezvous::harness

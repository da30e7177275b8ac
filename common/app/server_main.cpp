#include "common/app/server_main.hpp"

#include <sys/resource.h>

#include <csignal>
#include <cstdio>

namespace rendezvous {

void prepare_process() {
    // A client costs a descriptor, and the usual soft limit is 1,024.  The hard one is for us.
    rlimit files{};
    if (::getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        ::setrlimit(RLIMIT_NOFILE, &files);
    }
    // Whoever reads our standard error may go away first; that shall not end the server.
    std::signal(SIGPIPE, SIG_IGN);
}

void say_listening(const std::string& endpoint) {
    std::printf("listening on %s\n", endpoint.c_str());
    std::fflush(stdout);
}

int fail(const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
}

}  // namespace rendezvous

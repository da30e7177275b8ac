#include "common/app/process.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <initializer_list>

namespace rendezvous {

void open_standard_descriptors() {
    int descriptor = 0;  // open() takes the lowest number that is free
    while (descriptor >= 0 && descriptor <= STDERR_FILENO) descriptor = ::open("/dev/null", O_RDWR);
    if (descriptor > STDERR_FILENO) ::close(descriptor);
}

void prepare_process() {
    open_standard_descriptors();

    // The usual soft limit is 1,024 descriptors; up to the hard limit it is ours to raise.
    rlimit files{};
    if (::getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        ::setrlimit(RLIMIT_NOFILE, &files);
    }

    // The reader of our standard error may go away first; that must not end the server.
    std::signal(SIGPIPE, SIG_IGN);

    // A parent that blocks signals hands its mask down, nearly always by mistake.
    sigset_t requests;
    sigemptyset(&requests);
    for (const int signal : {SIGINT, SIGTERM, SIGQUIT}) sigaddset(&requests, signal);
    ::pthread_sigmask(SIG_UNBLOCK, &requests, nullptr);
}

}  // namespace rendezvous

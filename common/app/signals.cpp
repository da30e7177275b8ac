#include "common/app/signals.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <system_error>

namespace rendezvous {
namespace {

std::atomic<int> write_end{-1};
std::atomic<bool> asked_to_stop{false};

void send(signals::request request) {
    const char byte = request;
    // A full pipe holds thousands of requests that nobody has read: one more says nothing new.
    [[maybe_unused]] const auto written = ::write(write_end, &byte, 1);
}

void handle(int signal) {
    const int saved = errno;  // the interrupted code may be about to look at it
    if (signal == SIGQUIT) {
        send(signals::list);
    } else {
        if (asked_to_stop.exchange(true)) ::_exit(1);
        send(signals::stop);
    }
    errno = saved;
}

}  // namespace

signals::signals() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0)
        throw std::system_error(errno, std::system_category(), "cannot make a pipe");
    read_end_ = ends[0];
    write_end = ends[1];

    struct sigaction action {};
    action.sa_handler = handle;
    action.sa_flags = SA_RESTART;
    for (const int signal : {SIGINT, SIGTERM, SIGQUIT}) ::sigaction(signal, &action, nullptr);
}

// The handlers stay: the program is about to end, and a second Ctrl-C must still end it at once.
signals::~signals() {
    ::close(write_end.exchange(-1));
    ::close(read_end_);
}

void signals::wake() { send(none); }

}  // namespace rendezvous

#include "common/app/signals.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <system_error>
#include <thread>

namespace rendezvous {
namespace {

// The write ends of all pipes.  A signal handler may not lock a mutex; lock-free atomics are
// allowed.
struct slot {
    std::atomic<int> write_end{-1};
};
constinit std::array<slot, 256> slots;
std::atomic<int> running_handlers{0};
std::atomic<bool> asked_to_stop{false};
static_assert(std::atomic<int>::is_always_lock_free && std::atomic<bool>::is_always_lock_free);

std::system_error failure(const char* what) { return {errno, std::system_category(), what}; }

void send(int write_end, signals::request request) {
    const char byte = request;
    // A full pipe holds thousands of requests that nothing has read: one more says nothing new.
    [[maybe_unused]] const auto written = ::write(write_end, &byte, 1);
}

void send_to_all(signals::request request) {
    ++running_handlers;
    for (const auto& one : slots)
        if (const int write_end = one.write_end; write_end >= 0) send(write_end, request);
    --running_handlers;
}

void handle(int signal) {
    const int saved = errno;  // the interrupted code may be about to look at it
    if (signal == SIGQUIT) {
        send_to_all(signals::list);
    } else {
        if (asked_to_stop.exchange(true)) ::_exit(1);
        send_to_all(signals::stop);
    }
    errno = saved;
}

void install_handler(int signal) {
    struct sigaction action {};
    ::sigaction(signal, nullptr, &action);
    if (action.sa_handler == SIG_IGN && signal != SIGTERM) return;
    action = {};
    action.sa_handler = handle;
    action.sa_flags = SA_RESTART;
    ::sigaction(signal, &action, nullptr);
}

}  // namespace

signals::signals() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) throw failure("cannot make a pipe");
    const auto free = std::find_if(slots.begin(), slots.end(), [&](slot& one) {
        int nothing = -1;
        return one.write_end.compare_exchange_strong(nothing, ends[1]);
    });
    if (free == slots.end()) {
        for (const int end : ends) ::close(end);
        errno = EMFILE;
        throw failure("cannot listen for signals");
    }
    read_end_ = ends[0];
    write_end_ = &free->write_end;
    for (const int signal : {SIGINT, SIGTERM, SIGQUIT}) install_handler(signal);
}

// The handlers stay: the program is about to exit, and a second Ctrl-C must still end it at once.
signals::~signals() {
    const int write_end = write_end_->exchange(-1);
    // A handler on another thread may have read the number and not written yet.
    while (running_handlers > 0) std::this_thread::yield();
    ::close(write_end);
    ::close(read_end_);
}

void signals::wake() { send(*write_end_, none); }

}  // namespace rendezvous

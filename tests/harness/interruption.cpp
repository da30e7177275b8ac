#include "tests/harness/interruption.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <utility>

namespace rendezvous::harness {

namespace {

std::atomic<bool> begun{false};
std::atomic<int> to_watcher{-1};

// Does only what a signal handler may do; the watcher does the rest.
void on_signal(int number) {
    const int before = errno;
    begun = true;
    const auto byte = static_cast<char>(number);
    [[maybe_unused]] auto written = ::write(to_watcher, &byte, 1);
    errno = before;
}

constexpr int stops[] = {SIGINT, SIGTERM, SIGHUP};

// The first signal restores the default action, so a second one ends the process at once.
// A signal that our parent set to be ignored (nohup) stays ignored.
void catch_stops() {
    for (int number : stops) {
        struct sigaction now {};
        ::sigaction(number, nullptr, &now);
        if (now.sa_handler == SIG_IGN) continue;
        now.sa_handler = on_signal;
        ::sigemptyset(&now.sa_mask);
        now.sa_flags = static_cast<int>(SA_RESETHAND | SA_RESTART);
        ::sigaction(number, &now, nullptr);
    }
}

}  // namespace

interruption::interruption(std::optional<std::chrono::seconds> limit,
                           std::function<int(int)> finish)
    : finish_(std::move(finish)) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return;  // then Ctrl-C is what it always was
    signals_ = descriptor(ends[0]);
    no_more_signals_ = descriptor(ends[1]);
    to_watcher = ends[1];
    watcher_ = std::thread([this, limit] { watch(limit); });
    catch_stops();
}

interruption::~interruption() {
    for (int number : stops) {
        struct sigaction now {};
        ::sigaction(number, nullptr, &now);
        if (now.sa_handler == on_signal) ::signal(number, SIG_DFL);
    }
    hold_if_begun();
    to_watcher = -1;
    no_more_signals_.close();
    if (watcher_.joinable()) watcher_.join();
}

void interruption::hold_if_begun() {
    while (begun) ::pause();
}

void interruption::watch(std::optional<std::chrono::seconds> limit) {
    const int timeout = limit ? static_cast<int>(limit->count() * 1000) : -1;
    pollfd fd{signals_.get(), POLLIN, 0};
    int ready;
    do ready = ::poll(&fd, 1, timeout);
    while (ready < 0 && errno == EINTR);
    char number = 0;
    if (ready > 0 && ::read(signals_.get(), &number, 1) == 0)
        return;  // the run has ended by itself
    begun = true;
    ::_exit(finish_(number));
}

}  // namespace rendezvous::harness

#include "tests/harness/output.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

namespace rendezvous::harness {

output::output(descriptor out, descriptor err)
    : out_{std::move(out), "", 0},
      err_{std::move(err), "", 0},
      stop_(::eventfd(0, EFD_CLOEXEC)),
      reader_([this] { drain(); }) {}

output::~output() {
    ::eventfd_write(stop_.get(), 1);
    reader_.join();
}

void output::drain() {
    for (bool stopping = false; !stopping && (out_.from || err_.from);) {
        pollfd fds[] = {
            {out_.from.get(), POLLIN, 0}, {err_.from.get(), POLLIN, 0}, {stop_.get(), POLLIN, 0}};
        ::poll(fds, 3, -1);
        stopping = fds[2].revents != 0;
        if (fds[0].revents && !take(out_)) out_.from.close();
        if (fds[1].revents && !take(err_)) err_.from.close();
    }
    std::lock_guard lock(mutex_);
    ended_ = true;
    changed_.notify_all();
}

// One read, outside the lock; false at the end.
bool output::take(text& one) {
    char bytes[65536];
    const auto n = ::read(one.from.get(), bytes, sizeof bytes);
    if (n <= 0) return false;
    std::lock_guard lock(mutex_);
    one.newest.append(bytes, static_cast<std::size_t>(n));
    one.lines += static_cast<std::uint64_t>(std::count(bytes, bytes + n, '\n'));
    if (one.newest.size() > 2'000'000) one.newest.erase(0, 1'000'000);
    changed_.notify_all();
    return true;
}

std::string output::out() const {
    std::lock_guard lock(mutex_);
    return out_.newest;
}

std::string output::err() const {
    std::lock_guard lock(mutex_);
    return err_.newest;
}

std::uint64_t output::err_lines() const {
    std::lock_guard lock(mutex_);
    return err_.lines;
}

std::string output::first_line(deadline limit) const {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, limit.left(), [&] { return ended_ || out_.lines > 0; });
    auto end = out_.newest.find('\n');
    return end == std::string::npos ? "" : out_.newest.substr(0, end);
}

std::string output::line_on_err(const std::string& with, deadline limit) const {
    std::string line;
    auto found = [&] {
        auto at = err_.newest.find(with);
        if (at == std::string::npos) return false;
        auto end = err_.newest.find('\n', at);
        if (end == std::string::npos) return false;
        auto before = at ? err_.newest.rfind('\n', at - 1) : std::string::npos;
        auto begin = before == std::string::npos ? 0 : before + 1;
        line = err_.newest.substr(begin, end - begin);
        return true;
    };
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, limit.left(), [&] { return found() || ended_; });
    return line;
}

bool output::await_end(deadline limit) const {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, limit.left(), [&] { return ended_; });
}

}  // namespace rendezvous::harness

#include "tests/harness/crowd.hpp"

#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>
#include <thread>

#include "tests/harness/settings.hpp"
#include "tests/harness/text.hpp"

namespace rendezvous::harness {

crowd::crowd(conversation& talk, address server, keeps what)
    : talk_(&talk),
      server_(std::move(server)),
      keeps_(what),
      epoll_(::epoll_create1(EPOLL_CLOEXEC)) {}

crowd::~crowd() = default;

crowd::member& crowd::add(client_options options) {
    auto& one = members_.emplace_back();
    one.number = members_.size() - 1;
    one.socket = begin_to_connect(server_, options.receive_buffer);
    epoll_event event{};
    event.events = EPOLLIN | EPOLLOUT;
    event.data.ptr = &one;
    ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, one.socket.get(), &event);
    return one;
}

// Tells epoll which events of this member matter, but only when that has changed.
void crowd::watch(member& one) {
    bool wants_out = !one.connected || one.unsent();
    bool wants_in = one.reads;
    if (!one.socket || (wants_out == one.wants_out && wants_in == one.wants_in)) return;
    one.wants_out = wants_out;
    one.wants_in = wants_in;
    epoll_event event{};
    event.events = (wants_in ? EPOLLIN : 0u) | (wants_out ? EPOLLOUT : 0u);
    event.data.ptr = &one;
    ::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, one.socket.get(), &event);
}

void crowd::set_reading(member& one, bool reads) {
    one.reads = reads;
    if (reads && one.socket) {
        int large = 4 << 20;
        ::setsockopt(one.socket.get(), SOL_SOCKET, SO_RCVBUF, &large, sizeof large);
    }
    watch(one);
}

void crowd::send_line(member& one, std::string_view line) { send(one, std::string(line) + "\n"); }

void crowd::send(member& one, std::string_view bytes) {
    one.outgoing += bytes;
    if (one.connected) flush(one);
}

void crowd::half_close(member& one) {
    one.finishing = true;
    if (one.connected) flush(one);
}

void crowd::reset(member& one) {
    one.ended = true;
    if (one.socket) harness::reset(one.socket);
}

void crowd::close(member& one) {
    one.ended = true;
    one.socket.close();
}

void crowd::flush(member& one) {
    while (one.unsent()) {
        auto n =
            ::send(one.socket.get(), one.outgoing.data() + one.sent, one.unsent(), MSG_NOSIGNAL);
        if (n <= 0) {
            if (errno == EPIPE || errno == ECONNRESET) one.sent = one.outgoing.size();
            break;
        }
        one.sent += static_cast<std::size_t>(n);
        ++events_;
    }
    if (!one.unsent()) one.outgoing.clear(), one.sent = 0;
    if (!one.unsent() && one.finishing && one.socket) {
        ::shutdown(one.socket.get(), SHUT_WR);
        one.finishing = false;
    }
    watch(one);
}

void crowd::receive(member& one) {
    char bytes[65536];
    auto n = ::recv(one.socket.get(), bytes, sizeof bytes, 0);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
    ++events_;
    if (n <= 0) {
        one.ended = true;
        one.was_reset = n < 0;
        one.socket.close();
        return;
    }
    one.incoming.append(bytes, static_cast<std::size_t>(n));
    std::size_t at = 0;
    for (auto end = one.incoming.find('\n'); end != std::string::npos;
         end = one.incoming.find('\n', at)) {
        std::string line(one.incoming, at, end - at);
        at = end + 1;
        if (is_passed_over(line)) continue;
        if (!current_settings().as_own()) line = with_canonical_address(std::move(line));
        ++one.received;
        if (keeps_ == all_lines) one.lines.push_back(line);
        if (on_line) on_line(one, line);
        if (!one.socket) return;  // on_line has just made it leave
    }
    one.incoming.erase(0, at);
}

void crowd::turn(int timeout) {
    std::vector<epoll_event> events(std::max<std::size_t>(members_.size(), 1));
    const int n =
        ::epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), timeout);
    events.resize(static_cast<std::size_t>(std::max(n, 0)));
    for (const auto& event : events) {
        auto& one = *static_cast<member*>(event.data.ptr);
        if (!one.socket) continue;
        if (!one.connected) {
            int error = 0;
            socklen_t size = sizeof error;
            ::getsockopt(one.socket.get(), SOL_SOCKET, SO_ERROR, &error, &size);
            if (error) {
                close(one);
                one.was_reset = true;
                refused_ =
                    "a client cannot connect to " + server_.str() + ": " + std::strerror(error);
                continue;
            }
            one.connected = true;
            one.who = own_name(one.socket);
            ++events_;
            flush(one);
            continue;
        }
        if (event.events & EPOLLOUT) flush(one);
        if ((event.events & (EPOLLIN | EPOLLERR)) || ((event.events & EPOLLHUP) && !one.reads))
            receive(one);
    }
    if (!events.empty()) std::this_thread::sleep_for(pause_);
}

bool crowd::try_until(const std::function<bool()>& holds, milliseconds span, milliseconds idle) {
    patience_for patience(talk_->server(), span, idle);
    while (!holds()) {
        auto before = events_;
        turn(patience.slice());
        if (events_ != before) patience.something_came();
        if (!holds() && patience.over()) {
            why_ = patience.why();
            timed_out_ = patience.timed_out();
            return false;
        }
    }
    return true;
}

void crowd::until(const std::string& what, const std::function<bool()>& holds, milliseconds span) {
    if (try_until(holds, span)) return;
    if (!refused_.empty()) talk_->fail_to_connect(refused_);
    if (timed_out_) talk_->show_threads();
    talk_->fail_client("This did not happen" + why_ + ": " + what + ".");
}

}  // namespace rendezvous::harness

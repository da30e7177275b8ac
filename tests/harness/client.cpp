#include "tests/harness/client.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <atomic>
#include <cstring>

#include "tests/harness/settings.hpp"
#include "tests/harness/text.hpp"

namespace rendezvous::harness {

namespace {

// Long enough for a busy machine: otherwise a server does everything at once.
constexpr auto at_most = 20s;

struct endpoint {
    sockaddr_storage storage{};
    socklen_t size = 0;
    sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
};

endpoint to_endpoint(const address& to) {
    endpoint result;
    auto* v4 = reinterpret_cast<sockaddr_in*>(&result.storage);
    auto* v6 = reinterpret_cast<sockaddr_in6*>(&result.storage);
    if (::inet_pton(AF_INET, to.host.c_str(), &v4->sin_addr) == 1) {
        v4->sin_family = AF_INET;
        v4->sin_port = htons(to.port);
        result.size = sizeof *v4;
    } else if (::inet_pton(AF_INET6, to.host.c_str(), &v6->sin6_addr) == 1) {
        v6->sin6_family = AF_INET6;
        v6->sin6_port = htons(to.port);
        result.size = sizeof *v6;
    } else {
        throw setup_error("'" + to.host + "' is not an address");
    }
    return result;
}

std::string reason() { return std::strerror(errno); }

void do_not_block(int fd) { ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) | O_NONBLOCK); }

}  // namespace

std::string address::str() const {
    auto name = host.find(':') == std::string::npos ? host : "[" + host + "]";
    return name + ":" + std::to_string(port);
}

address parse_address(const std::string& text) {
    auto colon = text.rfind(':');
    if (colon == std::string::npos) throw setup_error("'" + text + "' is not HOST:PORT");
    address result;
    result.host = text.substr(0, colon);
    if (result.host.size() > 1 && result.host.front() == '[' && result.host.back() == ']')
        result.host = result.host.substr(1, result.host.size() - 2);
    auto digits = text.substr(colon + 1);
    int port = 0;
    for (char c : digits) {
        if (c < '0' || c > '9' || port > 65535)
            throw setup_error("'" + text + "' is not HOST:PORT");
        port = port * 10 + (c - '0');
    }
    if (digits.empty() || port == 0 || port > 65535)
        throw setup_error("'" + text + "' is not HOST:PORT");
    result.port = static_cast<std::uint16_t>(port);
    return result;
}

address canonical(address any) {
    in6_addr v6{};
    if (::inet_pton(AF_INET6, any.host.c_str(), &v6) != 1) return any;
    char text[INET6_ADDRSTRLEN] = "";
    if (IN6_IS_ADDR_V4MAPPED(&v6))
        ::inet_ntop(AF_INET, &v6.s6_addr[12], text, sizeof text);
    else
        ::inet_ntop(AF_INET6, &v6, text, sizeof text);
    any.host = text;
    return any;
}

std::string with_canonical_address(std::string line) {
    const std::string_view you_are = "You are ";
    const auto begin = line.compare(0, you_are.size(), you_are) == 0 ? you_are.size() : 0;
    auto end = line.find_first_not_of("0123456789abcdefABCDEF.:[]", begin);
    if (end == std::string::npos) end = line.size();
    if (end > begin && line[end - 1] == ':') --end;  // `A: Hi!`
    const auto spelled = line.substr(begin, end - begin);
    if (spelled.find(':') == spelled.rfind(':')) return line;  // not an IPv6 address
    try {
        const auto found = canonical(parse_address(spelled));
        to_endpoint(found);  // throws if this is not an address but part of a client's text
        line.replace(begin, spelled.size(), found.str());
    } catch (const setup_error&) {}
    return line;
}

bool can_listen_on(const address& here) {
    auto endpoint = to_endpoint(here);
    descriptor socket(::socket(endpoint.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
    return socket && ::bind(socket.get(), endpoint.get(), endpoint.size) == 0;
}

descriptor begin_to_connect(const address& to, int receive_buffer) {
    auto endpoint = to_endpoint(to);
    descriptor socket(
        ::socket(endpoint.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!socket) throw setup_error("cannot make a socket: " + reason());
    // A test that sends one byte at a time needs one segment for each byte.
    int on = 1;
    ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    // Must be set before connecting, because it determines the window that the server is granted.
    if (receive_buffer)
        ::setsockopt(socket.get(), SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    if (::connect(socket.get(), endpoint.get(), endpoint.size) != 0 && errno != EINPROGRESS)
        throw setup_error("cannot connect to " + to.str() + ": " + reason());
    return socket;
}

descriptor connect_to(const address& to, int receive_buffer, milliseconds span) {
    auto socket = begin_to_connect(to, receive_buffer);
    deadline limit(span);
    pollfd fd{socket.get(), POLLOUT, 0};
    if (::poll(&fd, 1, static_cast<int>(limit.left().count())) != 1)
        throw setup_error("cannot connect to " + to.str() + " within " +
                          seconds(std::chrono::duration<double>(limit.span()).count()));
    int error = 0;
    socklen_t size = sizeof error;
    ::getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &error, &size);
    if (error)
        throw setup_error("cannot connect to " + to.str() + ": " +
                          std::string(std::strerror(error)));
    return socket;
}

std::string own_name(const descriptor& socket) {
    endpoint end;
    end.size = sizeof end.storage;
    ::getsockname(socket.get(), end.get(), &end.size);
    char text[INET6_ADDRSTRLEN] = "";
    address result;
    if (end.storage.ss_family == AF_INET) {
        auto* v4 = reinterpret_cast<sockaddr_in*>(&end.storage);
        ::inet_ntop(AF_INET, &v4->sin_addr, text, sizeof text);
        result.port = ntohs(v4->sin_port);
    } else {
        auto* v6 = reinterpret_cast<sockaddr_in6*>(&end.storage);
        ::inet_ntop(AF_INET6, &v6->sin6_addr, text, sizeof text);
        result.port = ntohs(v6->sin6_port);
    }
    result.host = text;
    return result.str();
}

void reset(descriptor& socket) {
    linger at_once{1, 0};
    ::setsockopt(socket.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    socket.close();
}

client::client(harness::conversation& talk, std::string name, const address& to,
               client_options options)
    : talk_(&talk), name_(std::move(name)) {
    try {
        from_ = connect_to(to, options.receive_buffer, at_most);
    } catch (const setup_error& why) {
        talk_->does(name_, why.what());
        talk_->fail_to_connect(name_ + " " + why.what());
    }
    who_ = own_name(from_);
    talk_->introduce(name_, who_);
    talk_->does(name_, "connects");
}

client::client(harness::conversation& talk, std::string name, descriptor from, descriptor to)
    : talk_(&talk), name_(std::move(name)), from_(std::move(from)), to_(std::move(to)) {
    do_not_block(from_.get());
    do_not_block(to_.get());
}

void client::expect_greeting() {
    if (!who_.empty()) return expect_line("You are " + who_);
    auto line = read_line();
    const std::string you_are = "You are ";
    if (line.compare(0, you_are.size(), you_are) != 0)
        talk_->fail_expecting(name_, "You are HOST:PORT", readable(line));
    who_ = line.substr(you_are.size());
    talk_->introduce(name_, who_);
}

bool client::wait(short events, patience_for& patience) {
    for (;;) {
        pollfd fds[2] = {{(events & POLLIN) ? from_.get() : -1, POLLIN, 0},
                         {(events & POLLOUT) ? out() : -1, POLLOUT, 0}};
        if (::poll(fds, 2, patience.slice()) > 0) return true;
        if (patience.over()) return false;
    }
}

client::got client::receive_some() {
    if (ended_) return *ended_ == ending::reset ? got::reset : got::end;
    char bytes[65536];
    auto n = ::read(from_.get(), bytes, sizeof bytes);
    if (n > 0) {
        if (at_ == pending_.size()) pending_.clear(), at_ = 0;
        pending_.append(bytes, static_cast<std::size_t>(n));
        return got::bytes;
    }
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return got::nothing;
    ended_ = n == 0 ? ending::end_of_file : ending::reset;
    return n == 0 ? got::end : got::reset;
}

std::optional<std::string> client::line_that_came() {
    std::string line;
    do {
        auto end = pending_.find('\n', at_);
        if (end == std::string::npos) return {};
        line = pending_.substr(at_, end - at_);
        if (!current_settings().as_own()) line = with_canonical_address(std::move(line));
        at_ = end + 1;
    } while (is_passed_over(line));
    if (at_ > 1'000'000) pending_.erase(0, at_), at_ = 0;
    return line;
}

std::optional<std::string> client::next_line(patience_for& patience) {
    for (;;) {
        if (auto line = line_that_came()) return line;
        auto what = receive_some();
        if (what == got::end || what == got::reset) {
            pending_.erase(0, at_), at_ = 0;
            return {};
        }
        if (what == got::nothing && !wait(POLLIN, patience)) return {};
    }
}

std::string client::why_not(const patience_for& patience) const {
    if (!ended_ && patience.timed_out()) talk_->show_threads();
    if (!ended_) return "nothing came" + patience.why();
    std::string end = *ended_ == ending::reset ? "the server reset the connection"
                                               : "the server closed the connection";
    if (!pending_.empty()) end += ", after `" + readable(pending_) + "` without a newline";
    return end;
}

// The lines after one that was not expected, until the server sends no more.
std::vector<std::string> client::what_follows() {
    std::vector<std::string> lines;
    patience_for patience(talk_->server(), 1000ms, 200ms);
    while (lines.size() < 5) {
        auto line = next_line(patience);
        if (!line) break;
        lines.push_back(readable(*line));
    }
    return lines;
}

std::optional<std::string> client::try_read_line(milliseconds span) {
    patience_for patience(talk_->server(), span);
    auto line = next_line(patience);
    if (line) talk_->receives(name_, *line);
    return line;
}

std::string client::read_line() {
    patience_for patience(talk_->server(), at_most);
    auto line = next_line(patience);
    if (!line) talk_->fail_otherwise(name_, "a line", why_not(patience));
    talk_->receives(name_, *line);
    return *line;
}

void client::expect_line(std::string_view expected) {
    patience_for patience(talk_->server(), at_most);
    auto line = next_line(patience);
    if (!line) talk_->fail_otherwise(name_, "`" + readable(expected) + "`", why_not(patience));
    if (*line != expected)
        talk_->fail_expecting(name_, readable(expected), readable(*line), what_follows());
    talk_->receives(name_, *line);
}

void client::expect_lines(std::initializer_list<std::string> lines) {
    for (const auto& line : lines) expect_line(line);
}

void client::expect_lines(const std::vector<std::string>& lines) {
    for (const auto& line : lines) expect_line(line);
}

std::vector<std::string> client::read_until(std::string_view last) {
    std::vector<std::string> lines;
    do {
        patience_for patience(talk_->server(), at_most);
        auto line = next_line(patience);
        if (!line) talk_->fail_otherwise(name_, "`" + readable(last) + "`", why_not(patience));
        lines.push_back(std::move(*line));
        talk_->receives(name_, lines.back());
    } while (lines.back() != last);
    return lines;
}

std::string client::read_bytes(std::size_t n) {
    patience_for patience(talk_->server(), at_most);
    while (pending_.size() - at_ < n) {
        auto what = receive_some();
        if (what == got::bytes) patience.something_came();
        if (what == got::end || what == got::reset ||
            (what == got::nothing && !wait(POLLIN, patience)))
            talk_->fail_otherwise(
                name_, counted(n, "byte"),
                "received " + counted(pending_.size() - at_, "byte") +
                    (pending_.size() > at_ ? " (`" + readable(pending_.substr(at_)) + "`)" : "") +
                    ", and then " +
                    (ended_ ? "the end of the connection" : "nothing" + patience.why()));
    }
    auto bytes = pending_.substr(at_, n);
    pending_.erase(0, at_ + n), at_ = 0;
    talk_->does(name_, "receives " + counted(n, "byte"));
    return bytes;
}

void client::expect_silence(client& witness) {
    static std::atomic<int> count{0};
    auto text = "Is anybody there? (" + std::to_string(++count) + ")";
    witness.send_line(text);
    auto line = witness.who() + ": " + text;
    if (&witness != this) witness.expect_line(line);
    patience_for patience(talk_->server(), at_most);
    auto came = next_line(patience);
    if (!came) talk_->fail_otherwise(name_, "`" + line + "`", why_not(patience));
    if (*came != line) talk_->fail_silence(name_, line, readable(*came), what_follows());
    talk_->receives(name_, *came);
}

void client::expect_end() {
    patience_for patience(talk_->server(), at_most);
    auto line = next_line(patience);
    if (line)
        talk_->fail_otherwise(name_, "the end of the connection", "came `" + readable(*line) + "`",
                              what_follows());
    if (ended_ != ending::end_of_file || !pending_.empty())
        talk_->fail_otherwise(name_, "the end of the connection", why_not(patience));
    talk_->does(name_, "sees the end");
}

client::ending client::expect_end_or_reset() {
    patience_for patience(talk_->server(), at_most);
    while (auto line = next_line(patience)) talk_->receives(name_, *line);
    if (!ended_) talk_->fail_otherwise(name_, "the end of the connection", why_not(patience));
    talk_->does(name_, *ended_ == ending::reset ? "sees a reset" : "sees the end");
    return *ended_;
}

std::vector<std::string> client::read_until_end() {
    std::vector<std::string> lines;
    patience_for patience(talk_->server(), at_most);
    while (auto line = next_line(patience)) {
        patience.something_came();
        talk_->receives(name_, *line);
        lines.push_back(std::move(*line));
    }
    if (ended_ != ending::end_of_file)
        talk_->fail_otherwise(name_, "the end of the connection", why_not(patience));
    talk_->does(name_, "sees the end");
    return lines;
}

void client::send_line(std::string_view line) {
    talk_->sends(name_, line);
    write(std::string(line) + "\n");
}

void client::send(std::string_view bytes, std::string_view log) {
    talk_->sends(name_, log.empty() ? bytes : log);
    write(bytes);
}

void client::write(std::string_view bytes) {
    patience_for patience(talk_->server(), at_most);
    while (!bytes.empty()) {
        auto n = ::write(out(), bytes.data(), bytes.size());
        if (n > 0) {
            bytes.remove_prefix(static_cast<std::size_t>(n));
            patience.something_came();
        } else if (errno == EPIPE || errno == ECONNRESET) {
            return;  // the next expectation on this connection reports it
        } else if (!wait(reads_ && !ended_ ? POLLIN | POLLOUT : POLLOUT, patience)) {
            talk_->fail_client(name_ + " has " + counted(bytes.size(), "byte") +
                               " more to send, but the server takes none" + patience.why() + ".");
        }
        // Reads while it sends, so that a server which answers at once does not block.
        if (reads_ && receive_some() == got::bytes) patience.something_came();
    }
}

std::size_t client::send_what_fits(std::string_view bytes, milliseconds idle) {
    talk_->does(name_, "sends as much as the server takes, reading nothing");
    auto left = bytes;
    patience_for patience(talk_->server(), at_most, idle);
    while (!left.empty()) {
        auto n = ::write(out(), left.data(), left.size());
        if (n > 0) {
            left.remove_prefix(static_cast<std::size_t>(n));
            patience.something_came();
        } else if (errno != EAGAIN || !wait(POLLOUT, patience)) {
            break;
        }
    }
    return bytes.size() - left.size();
}

void client::read_again() {
    reads_ = true;
    int large = 4 << 20;
    ::setsockopt(from_.get(), SOL_SOCKET, SO_RCVBUF, &large, sizeof large);
    talk_->does(name_, "reads again");
}

void client::half_close() {
    talk_->does(name_, "half-closes: it will send no more");
    if (to_)
        to_.close();
    else
        ::shutdown(from_.get(), SHUT_WR);
}

void client::reset() {
    talk_->does(name_, "resets the connection");
    harness::reset(from_);
}

void client::close() {
    talk_->does(name_, "closes the connection");
    to_.close();
    from_.close();
}

void client::close_once_delivered() {
    ::shutdown(from_.get(), SHUT_WR);
    int unacknowledged = 0;
    if (!eventually(10s, [&] {
            return ::ioctl(from_.get(), SIOCOUTQ, &unacknowledged) == 0 && unacknowledged == 0;
        }))
        talk_->fail("The server's kernel did not take what " + name_ + " had sent.");
    close();
}

}  // namespace rendezvous::harness

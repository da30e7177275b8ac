// A chat server and an echo server with faults to choose from: `broken --help` lists them.  Without
// a fault it is correct.  With it the tests are tested: they must find each fault, and report it in
// words that help.
//
// It is one thread, one loop around poll(), and no blocking call.  The output for a client waits in
// a string: with --slow queue for as long as it takes (isolated, not bounded); with --slow wait the
// server reads from nobody while too much waits for one client (bounded, not isolated).  An arrival
// is one event here, and so is a departure.  It shares no code with the course's servers, so that
// it shares no mistake with them.
#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "tests/broken/faults.hpp"
#include "tests/harness/standard_descriptors.hpp"

namespace rendezvous::broken {
namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

constexpr std::size_t longest = 65'535;      // bytes of a line before its newline
constexpr std::size_t too_much = 64 * 1024;  // that waits for one client, with --slow wait
constexpr clock::duration first_pause = 5ms, longest_pause = 1s;  // when accept fails

struct options {
    std::string kind = "chat", slow = "queue", host = "localhost", port = "8000", fault;
};
options given;

bool has(std::string_view fault) { return given.fault == fault; }

struct failure {
    int status;
    std::string text;
};

struct client {
    int fd = -1;
    std::string who;
    std::string incoming;     // the beginning of a line
    std::string outgoing;     // text to be written ...
    std::size_t written = 0;  // ... from here on
    bool there = false;       // the client is in the room
    bool said_all = false;    // nothing more is read; closed when everything is written
    bool broken = false;      // a write has failed, so an end that read() reports does not count
    std::size_t number = 0;   // 1, 2, 3 ... in the order in which they came
    std::vector<std::pair<std::size_t, std::string>> later;  // for a fault: speaker, line
    clock::time_point answered_from{};                       // for another

    std::size_t waiting() const { return outgoing.size() - written; }
    bool closed() const { return fd < 0; }
};

std::string name_of(const sockaddr_storage& address, socklen_t size) {
    char host[NI_MAXHOST], port[NI_MAXSERV];
    ::getnameinfo(reinterpret_cast<const sockaddr*>(&address), size, host, sizeof host, port,
                  sizeof port, NI_NUMERICHOST | NI_NUMERICSERV);
    auto v6 = address.ss_family == AF_INET6;
    return (v6 ? "[" + std::string(host) + "]:" : std::string(host) + ":") + port;
}

std::string reason() { return std::strerror(errno); }

class server {
public:
    server(int listener, int signals) : listener_(listener), signals_(signals) {}

    void serve() {
        while (turn()) {}
    }

private:
    bool echoes() const { return given.kind == "echo"; }

    // One round: waits until something can be done, and does it.  Returns false at a signal to
    // exit.
    bool turn() {
        auto now = clock::now();
        bool may_accept = now >= paused_until_ && !(waits() && too_much_waits()) &&
                          !(has("one-at-a-time") && !clients_.empty());
        std::vector<pollfd> fds;
        fds.push_back({has("never-ends") ? -1 : signals_, POLLIN, 0});
        fds.push_back({may_accept ? listener_ : -1, POLLIN, 0});
        for (const auto& one : clients_) fds.push_back({one->fd, events_for(*one), 0});

        int timeout = -1;
        if (now < paused_until_)
            timeout = static_cast<int>(
                std::chrono::ceil<std::chrono::milliseconds>(paused_until_ - now).count());
        if (!late_.empty()) timeout = 0;
        if (slow_to_answer()) timeout = timeout < 0 ? 10 : std::min(timeout, 10);
        ::poll(fds.data(), fds.size(), timeout);

        if (fds[0].revents) return false;
        for (std::size_t i = 2; i < fds.size(); ++i) {
            auto& one = *clients_[i - 2];
            bool ended = fds[i].revents & (POLLERR | POLLHUP);
            if (ended && one.said_all)
                close(one);
            else if (ended || ((fds[i].revents & POLLIN) && !(waits() && too_much_waits())))
                receive(one);
        }
        finish_what_is_late();
        if (fds[1].revents) accept();
        for (auto& one : clients_) {
            tell_in_another_order(*one);
            write(*one);
        }
        clients_.erase(std::remove_if(clients_.begin(), clients_.end(),
                                      [](const auto& one) { return one->closed(); }),
                       clients_.end());
        return true;
    }

    short events_for(const client& one) const {
        bool listens = !one.said_all && !(waits() && too_much_waits());
        // An echo server's output concerns its own client only.
        if (echoes()) listens = !one.said_all && one.waiting() < too_much;
        return static_cast<short>((listens ? POLLIN : 0) | (one.waiting() ? POLLOUT : 0));
    }

    bool waits() const {
        if (has("waits-for-the-slow")) return true;
        return given.slow == "wait" && !echoes() && !has("queues-without-limit");
    }

    bool too_much_waits() const {
        return std::any_of(clients_.begin(), clients_.end(),
                           [](const auto& one) { return one->waiting() > too_much; });
    }

    // Arrivals.

    void accept() {
        for (;;) {
            sockaddr_storage address{};
            socklen_t size = sizeof address;
            int fd = ::accept4(listener_, reinterpret_cast<sockaddr*>(&address), &size,
                               SOCK_NONBLOCK | SOCK_CLOEXEC);
            if (fd < 0) return cannot_accept();
            pause_ = first_pause;
            int on = !has("delays-small-writes");
            ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
            auto one = std::make_unique<client>();
            one->fd = fd;
            one->who = name_of(address, size);
            one->number = ++count_;
            clients_.push_back(std::move(one));
            if (!echoes()) arrive(*clients_.back());
            if (has("one-at-a-time")) return;
        }
    }

    void cannot_accept() {
        if (errno == EAGAIN || errno == EINTR || errno == ECONNABORTED) return;
        if (has("spins")) return;
        if (pause_ == first_pause) std::cerr << "cannot accept: " << reason() << std::endl;
        paused_until_ = clock::now() + pause_;
        pause_ = std::min(2 * pause_, longest_pause);
    }

    void arrive(client& one) {
        if (!has("forgets-you-are")) tell(one, "You are " + one.who);
        if (has("tells-the-past"))
            for (const auto& line : past_) tell(one, line);
        if (has("tells-the-newcomer")) one.there = true;
        if (!has("forgets-has-arrived")) broadcast(one.who + " has arrived");
        if (has("chatters")) std::cout << one.who << " has come" << std::endl;
        if (has("enters-late"))
            late_.push_back(&one);
        else
            one.there = true;
    }

    // Reading.

    void receive(client& one) {
        char bytes[65536];
        auto n = ::recv(one.fd, bytes, sizeof bytes, 0);
        if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
        if (slow_to_answer()) one.answered_from = clock::now() + 200ms;
        if (n < 0 && has("dies-of-a-reset")) throw failure{1, "cannot read: " + reason()};
        std::string_view some(bytes, n > 0 ? static_cast<std::size_t>(n) : 0);
        if (echoes()) return n > 0 ? send_back(one, some) : say_all(one);
        finish_what_is_late(&one);
        if (n > 0) return hear(one, some);

        bool whole = n == 0 && !one.broken;
        if (has("loses-the-last-line")) whole = false;
        if (has("keeps-what-a-reset-cuts")) whole = true;
        if (whole && !one.incoming.empty()) say(one, one.incoming);
        if (n < 0 && has("forgets-the-reset")) {
            one.there = false;
            return close(one);
        }
        leave(one);
        if (n < 0) close(one);
    }

    void hear(client& one, std::string_view some) {
        if (has("a-read-is-a-line")) {
            if (some.back() == '\n') some.remove_suffix(1);
            return say(one, some);
        }
        one.incoming += some;
        std::size_t at = 0;
        for (auto end = one.incoming.find('\n'); end != std::string::npos;
             end = one.incoming.find('\n', at)) {
            auto line = one.incoming.substr(at, end - at);
            if (line.size() > longest && !has("no-limit-on-lines")) return leave(one);
            say(one, line);
            at = end + 1;
        }
        one.incoming.erase(0, at);
        if (one.incoming.size() > longest && !has("no-limit-on-lines")) return leave(one);
        if (has("does-not-wait") && !one.incoming.empty()) {
            say(one, one.incoming);
            one.incoming.clear();
        }
    }

    void say(client& one, std::string_view line) {
        if (!line.empty() && line.back() == '\r' && !has("keeps-the-cr")) line.remove_suffix(1);
        if (has("ends-at-nul")) line = line.substr(0, line.find('\0'));
        if (has("cuts-long-lines")) line = line.substr(0, 4096);
        if (has("drops-empty-lines") && line.empty()) return;
        auto text =
            has("forgets-the-name") ? std::string(line) : one.who + ": " + std::string(line);
        if (has("tells-the-past")) past_.push_back(text);
        if (++said_ % 10 == 0 && has("swaps-lines")) {
            held_back_ = text;
            return;
        }
        broadcast(text, &one);
        if (!held_back_.empty()) broadcast(std::exchange(held_back_, {}));
    }

    // The echo server.

    void send_back(client& one, std::string_view some) {
        std::string bytes(some);
        if (has("seven-bits"))
            for (char& byte : bytes) byte = static_cast<char>(byte & 0x7f);
        if (has("adds-a-newline")) bytes += '\n';
        if (has("waits-for-a-newline")) {
            one.incoming += bytes;
            auto end = one.incoming.rfind('\n');
            if (end == std::string::npos) return;
            bytes = one.incoming.substr(0, end + 1);
            one.incoming.erase(0, end + 1);
        }
        one.outgoing += bytes;
    }

    // Departures.

    void leave(client& one) {
        if (has("throws-when-a-client-leaves")) past_.at(past_.size()).clear();
        if (has("crashes-when-a-client-leaves")) ::raise(SIGSEGV);
        if (has("joins-no-thread")) std::thread([] {});
        one.there = false;
        if (has("leaves-early")) {
            leaving_.push_back(one.who);
        } else {
            if (!has("forgets-has-left")) broadcast(one.who + " has left");
            if (has("leaves-twice")) broadcast(one.who + " has left");
        }
        say_all(one);
    }

    void say_all(client& one) {
        one.said_all = true;
        one.incoming.clear();
        if (slow_to_answer()) close(one);
    }

    void close(client& one) {
        if (one.closed()) return;
        if (has("leaks-a-descriptor")) {
            int kept = ::dup(one.fd);
            ::close(one.fd);
            ::shutdown(kept, SHUT_RDWR);
        } else {
            ::close(one.fd);
        }
        one.fd = -1;
        one.said_all = true;
        one.there = false;
    }

    // The server closes too early more often if its answer takes a moment.
    static bool slow_to_answer() { return has("closes-early") || has("loses-the-end"); }

    // What two faults postpone until others have sent a line.
    void finish_what_is_late(const client* only = nullptr) {
        for (auto& one : late_)
            if (!only || one == only) std::exchange(one, nullptr)->there = true;
        late_.erase(std::remove(late_.begin(), late_.end(), nullptr), late_.end());
        if (only) return;
        for (const auto& who : std::exchange(leaving_, {})) broadcast(who + " has left");
    }

    // Sending lines.

    void broadcast(const std::string& line, const client* speaker = nullptr) {
        bool dropped = speaker && said_ % 15 == 0, doubled = speaker && said_ % 5 == 0;
        for (auto& one : clients_) {
            if (!one->there || (one.get() == speaker && has("not-to-the-speaker"))) continue;
            if (dropped && one->number == 2 && has("drops-a-line")) continue;
            if (doubled && one->number == 2 && has("doubles-a-line")) tell(*one, line);
            if (speaker && one->number % 2 == 0 && has("another-order"))
                one->later.emplace_back(speaker->number, line);
            else
                tell(*one, line);
        }
    }

    // All lines of this round, but those of the newest client first.
    static void tell_in_another_order(client& one) {
        std::stable_sort(one.later.begin(), one.later.end(),
                         [](const auto& a, const auto& b) { return a.first > b.first; });
        for (const auto& [number, line] : std::exchange(one.later, {})) tell(one, line);
    }

    static void tell(client& one, const std::string& line) { one.outgoing += line + "\n"; }

    void write(client& one) {
        if (one.closed() || clock::now() < one.answered_from) return;
        while (one.waiting() && !one.broken) {
            // SIGPIPE is for programs that do not check whether a write has failed.
            int flags = has("dies-of-a-broken-pipe") ? 0 : MSG_NOSIGNAL;
            auto n = ::send(one.fd, one.outgoing.data() + one.written, one.waiting(), flags);
            if (n < 0 && (errno == EAGAIN || errno == EINTR)) break;
            if (n < 0 && has("dies-of-a-broken-pipe")) continue;
            one.broken = n < 0;
            if (n > 0) one.written += static_cast<std::size_t>(n);
        }
        if (!one.waiting() || one.broken) one.outgoing.clear(), one.written = 0;
        if (one.written > 1'000'000) one.outgoing.erase(0, one.written), one.written = 0;
        if (one.said_all && !one.waiting() && !has("does-not-close")) close(one);
    }

    int listener_, signals_;
    std::vector<std::unique_ptr<client>> clients_;
    std::size_t count_ = 0;
    clock::duration pause_ = first_pause;
    clock::time_point paused_until_{};

    // For faults only.
    std::size_t said_ = 0;
    std::string held_back_;
    std::vector<std::string> past_, leaving_;
    std::vector<client*> late_;
};

// Start and exit.

int listen_on(const std::string& host, const std::string& port) {
    addrinfo hints{}, *found = nullptr;
    hints.ai_socktype = SOCK_STREAM;
    // The same on every machine: an IPv4 address if the name has one.
    int error = 0;
    for (int family : {AF_INET, AF_INET6}) {
        hints.ai_family = family;
        // No name server need be asked for this name (RFC 6761), and in a new container none knows
        // it.
        const char* name = host == "localhost" ? "127.0.0.1" : host.c_str();
        error = ::getaddrinfo(name, port.c_str(), &hints, &found);
        if (!error) break;
    }
    if (error) throw failure{1, "cannot resolve " + host + ": " + ::gai_strerror(error)};
    int fd = ::socket(found->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int on = !has("cannot-restart");
    ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    bool bound = ::bind(fd, found->ai_addr, found->ai_addrlen) == 0;
    sockaddr_storage address{};
    std::memcpy(&address, found->ai_addr, found->ai_addrlen);
    auto where = name_of(address, found->ai_addrlen);
    ::freeaddrinfo(found);
    if (!bound || (!has("prints-too-early") && ::listen(fd, has("short-backlog") ? 5 : 4096)))
        throw failure{1, has("complains-in-vain") ? "cannot listen"
                                                  : "cannot listen on " + where + ": " + reason()};
    return fd;
}

void say_where(int listener) {
    if (has("prints-nothing")) return;
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
    auto* v4 = reinterpret_cast<sockaddr_in*>(&address);  // the port is in the same place in IPv6's
    if (has("names-the-wrong-port")) v4->sin_port = htons(1);  // no other test's server has it
    std::cout << "listening on " << name_of(address, size) << std::endl;
}

// Turns SIGINT and SIGTERM into something that poll() can wait for.
int take_signals() {
    sigset_t both;
    ::sigemptyset(&both);
    ::sigaddset(&both, SIGINT);
    ::sigaddset(&both, SIGTERM);
    ::sigprocmask(SIG_BLOCK, &both, nullptr);
    return ::signalfd(-1, &both, SFD_CLOEXEC | SFD_NONBLOCK);
}

void help() {
    std::cout
        << "A chat server or an echo server with one fault of your choice.\n\n"
           "usage: broken [OPTIONS]\n\n"
           "  --host NAME         where to listen (localhost)\n"
           "  --port N            ... and on which port (8000); 0 takes a free one\n"
           "  --kind chat|echo    what to serve (chat)\n"
           "  --slow queue|wait   while a client does not read, queue its lines without limit,\n"
           "                      or read from no client until it reads again\n"
           "  --fault NAME        the fault; without this option the server is correct\n"
           "  --help              this text\n\n"
           "Faults (the last four are for an echo server):\n\n";
    for (const auto& one : faults) std::cout << "  " << one.name << "\n      " << one.does << "\n";
}

std::string one_of(const std::string& option, const std::string& value,
                   std::initializer_list<const char*> values) {
    if (std::find(values.begin(), values.end(), value) != values.end()) return value;
    throw failure{2, option + " cannot be '" + value + "'"};
}

void understand(const std::string& option, const std::string& value) {
    if (option == "--kind") {
        given.kind = one_of(option, value, {"chat", "echo"});
    } else if (option == "--slow") {
        given.slow = one_of(option, value, {"queue", "wait"});
    } else if (option == "--host") {
        if (value.empty()) throw failure{2, "--host needs a name"};
        given.host = value;
    } else if (option == "--port") {
        unsigned short port = 0;
        auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), port);
        if (value.empty() || error != std::errc{} || end != value.data() + value.size())
            throw failure{2, "--port must be a number from 0 to 65535, not '" + value + "'"};
        given.port = value;
    } else {
        if (std::none_of(std::begin(faults), std::end(faults),
                         [&](const auto& one) { return one.name == value; }))
            throw failure{2, "there is no fault '" + value + "': see --help"};
        given.fault = value;
    }
}

// Returns whether to go on: not after --help.
bool understand(const std::vector<std::string>& words) {
    bool help_wanted = false;
    for (std::size_t i = 0; i < words.size(); ++i) {
        const auto& option = words[i];
        if (option == "--help") {
            help_wanted = true;
            continue;
        }
        const auto known = {"--kind", "--slow", "--host", "--port", "--fault"};
        if (std::find(known.begin(), known.end(), option) == known.end())
            throw failure{has("wrong-status") ? 1 : 2, "unknown option '" + option + "'"};
        if (i + 1 == words.size()) throw failure{2, option + " needs a value"};
        understand(option, words[++i]);
    }
    if (help_wanted && has("fails-with-help")) throw failure{1, "unknown option '--help'"};
    if (help_wanted) help();
    return !help_wanted;
}

int run(const std::vector<std::string>& words) {
    if (!understand(words)) return 0;
    int signals = take_signals();
    int listener = listen_on(given.host, given.port);
    say_where(listener);
    if (has("prints-too-early")) {
        pollfd end{signals, POLLIN, 0};
        if (::poll(&end, 1, 10'000) == 1) return 0;
        ::listen(listener, 4096);
    }
    server(listener, signals).serve();
    if (has("crashes-at-the-end")) std::abort();
    return has("ends-badly") ? 1 : 0;
}

}  // namespace
}  // namespace rendezvous::broken

int main(int argc, char** argv) {
    using namespace rendezvous::broken;
    rendezvous::harness::open_standard_descriptors();
    try {
        return run({argv + 1, argv + argc});
    } catch (const failure& why) {
        std::cerr << why.text << std::endl;
        return why.status;
    }
}

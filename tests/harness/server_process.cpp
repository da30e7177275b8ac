#include "tests/harness/server_process.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <fstream>
#include <random>
#include <sstream>
#include <thread>

#include "tests/harness/patience.hpp"
#include "tests/harness/text.hpp"

namespace rendezvous::harness {

namespace {

constexpr const char* port_mark = "{port}";
constexpr auto to_start = 20s;  // a virtual machine or an interpreter may have much to load

launch launch_for(const settings& how, const server_options& options, std::uint16_t port) {
    launch what{command_for(how, port)};
    what.argv.insert(what.argv.end(), options.more.begin(), options.more.end());
    what.descriptors = options.descriptors;
    // AddressSanitizer keeps freed memory for a while, to detect its use.  That must not look like
    // growth of the server.
    const char* given = std::getenv("ASAN_OPTIONS");
    what.environment["ASAN_OPTIONS"] = (given ? std::string(given) + ":" : "") +
                                       "quarantine_size_mb=1:thread_local_quarantine_size_kb=64";
    return what;
}

std::string what_it_printed(const process& program) {
    auto text = program.out() + program.err();
    return text.empty() ? "It printed nothing." : "It printed:\n" + indented(text, 4);
}

}  // namespace

std::vector<std::string> command_for(const settings& how, std::uint16_t port) {
    auto argv = how.command;
    for (auto& word : argv) word = replace_all(word, port_mark, std::to_string(port));
    return argv;
}

std::vector<std::string> bare_command(const settings& how) {
    auto argv = how.command;
    auto mark = std::find(argv.begin(), argv.end(), port_mark);
    if (mark != argv.end()) argv.erase(mark == argv.begin() ? mark : mark - 1, mark + 1);
    return argv;
}

server_process::server_process(const settings& how, server_options options)
    // With --port 0 a course server takes a free port and prints it; others must be told a port.
    : port_(options.port   ? *options.port
            : how.as_own() ? std::uint16_t{0}
                           : free_port()),
      program_(launch_for(how, options, port_)),
      where_(how.as_own() ? await_line(how) : await_listening(port_)) {}

address server_process::await_line(const settings& how) {
    const std::string listening = "listening on ";
    // A server may take long to load, but one that sleeps is not loading.
    patience_for patience(&program_, to_start, 3000ms);
    std::string line;
    while (line.empty() && !program_.status() && !patience.over())
        line = program_.first_line(deadline(milliseconds(patience.slice())));
    program_.wait(deadline(0ms));  // if it has ended, waits for all its output
    if (line.empty()) line = program_.first_line(deadline(0ms));
    auto command = "`" + shell_words(command_for(how, port_)) + "`";
    if (line.compare(0, listening.size(), listening) == 0)
        return parse_address(line.substr(listening.size()));
    if (!line.empty())
        throw setup_error(
            command + " printed `" + readable(line) +
            "` first; the first line on standard output must be `listening on HOST:PORT`.");
    if (auto status = program_.status())
        throw setup_error(command + " ended before it said `listening on HOST:PORT` (" +
                          describe_status(*status) + ").  " + what_it_printed(program_));
    auto sockets = program_.socket_inodes();
    for (const auto& entry : listening_sockets())
        if (sockets.count(entry.inode))
            throw setup_error(
                command + " listens on " + entry.local.str() +
                " and does not say so: it must print `listening on " + entry.local.str() +
                "` on standard output and flush it, because output to a pipe is otherwise kept "
                "in a buffer.  " +
                what_it_printed(program_));
    throw setup_error(command + " did not say `listening on HOST:PORT`" + patience.why() +
                      ", on standard output and flushed at once.  " + what_it_printed(program_));
}

// A foreign server is ready when the kernel's table shows that one of its sockets listens on the
// port.  Trying to connect would be simpler, but that connection would be a client, which would
// arrive and leave in the middle of the first test.
address server_process::await_listening(std::uint16_t port) {
    // A program that sleeps is not loading.  If it waits for clients on another port, the wait can
    // be shorter.
    patience_for patience(&program_, to_start, 5000ms), elsewhere(&program_, to_start, 1000ms);
    std::vector<tcp_entry> listening;
    auto is_it = [&](const tcp_entry& entry) { return entry.local.port == port; };
    const auto is_decided = [&] {
        listening.clear();
        auto sockets = program_.socket_inodes();
        for (auto& entry : listening_sockets())
            if (sockets.count(entry.inode)) listening.push_back(entry);
        return program_.status() || std::any_of(listening.begin(), listening.end(), is_it);
    };
    while (!eventually(50ms, is_decided))
        if (patience.over() || (elsewhere.over() && !listening.empty())) break;
    auto command = "`" + shell_words(program_.argv()) + "`";
    for (auto& entry : listening) {
        if (entry.local.port != port) continue;
        // A socket for both families listens on ::ffff:127.0.0.1 when it is to listen on 127.0.0.1.
        const auto here = canonical(entry.local);
        if (here.host == "0.0.0.0") return {"127.0.0.1", port};
        // All addresses of IPv6, and of IPv4 as well if no other program could listen there.
        if (here.host == "::")
            return {can_listen_on({"127.0.0.1", port}) ? "::1" : "127.0.0.1", port};
        return here;
    }
    if (auto status = program_.wait(deadline(0ms))) {
        if (const auto left = program_.left_behind(); !left.empty())
            throw setup_error(
                command + " ended (" + describe_status(*status) + ") and left " +
                (left.size() == 1 ? "a process" : std::to_string(left.size()) + " processes") +
                " behind, in the background.  Start the server so that it stays in "
                "the foreground, without becoming a daemon.");
        throw setup_error(command + " ended before it listened on port " + std::to_string(port) +
                          " (" + describe_status(*status) + ").  " + what_it_printed(program_));
    }
    auto instead = listening.empty()
                       ? std::string()
                       : "  It listens on port " + std::to_string(listening[0].local.port) +
                             " instead: it must take the port that it is given for {port}.";
    throw setup_error(command + " did not listen on port " + std::to_string(port) +
                      (patience.has_given_up() ? patience : elsewhere).why() + "." + instead +
                      "  " + what_it_printed(program_));
}

std::optional<int> server_process::stop(milliseconds within) {
    program_.signal(SIGTERM);
    return await_end(within);
}

std::optional<int> server_process::await_end(milliseconds within) const {
    const auto worked = program_.activity().processor_ns;
    // On an idle machine its threads could have worked this much: on all processors at once.
    const auto threads = std::max<std::size_t>(program_.thread_names().size(), 1);
    const std::chrono::nanoseconds most =
        deadline(within).span() *
        std::min<std::size_t>(threads, std::thread::hardware_concurrency());
    if (auto status = program_.wait(deadline(within))) return status;
    patience_for starved(&program_, 10 * within);
    while (!starved.over()) {
        if (auto status = program_.wait(deadline(milliseconds(starved.slice())))) return status;
        if (std::chrono::nanoseconds(program_.activity().processor_ns) >
            std::chrono::nanoseconds(worked) + most)
            break;
    }
    return program_.status();
}

namespace {

// Whether a program could bind to the port without SO_REUSEADDR, as it may well do: what is left of
// the connections of earlier servers counts.
bool is_free(std::uint16_t port) {
    for (const int family : {AF_INET, AF_INET6}) {
        descriptor socket(::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0));
        if (!socket) continue;  // a machine without IPv6
        sockaddr_in6 here{};    // any address
        here.sin6_family = static_cast<sa_family_t>(family);
        here.sin6_port = htons(port);  // in the same place in IPv4's
        const int only = 1;
        if (family == AF_INET6)
            ::setsockopt(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, &only, sizeof only);
        if (::bind(socket.get(), reinterpret_cast<sockaddr*>(&here),
                   family == AF_INET ? sizeof(sockaddr_in) : sizeof here) != 0)
            return false;
    }
    return true;
}

tcp_entry parse_entry(const std::string& line) {
    static const char* const names[] = {"",           "established", "syn sent",  "syn received",
                                        "fin wait 1", "fin wait 2",  "time wait", "close",
                                        "close wait", "last ack",    "listen",    "closing"};
    std::istringstream fields(line);
    std::string number, local, remote, state, skipped, inode;
    fields >> number >> local >> remote >> state;
    for (int i = 0; i < 5; ++i) fields >> skipped;
    fields >> inode;
    auto colon = local.find(':');
    auto port = static_cast<std::uint16_t>(std::stoul(local.substr(colon + 1), nullptr, 16));
    // An address is printed as 32-bit words in the machine's own order.
    std::uint32_t words[4] = {};
    auto count = colon / 8;
    for (std::size_t i = 0; i < count; ++i)
        words[i] = static_cast<std::uint32_t>(std::stoul(local.substr(8 * i, 8), nullptr, 16));
    char host[INET6_ADDRSTRLEN] = "";
    ::inet_ntop(count == 1 ? AF_INET : AF_INET6, words, host, sizeof host);
    auto code = std::stoul(state, nullptr, 16);
    return {code < std::size(names) ? names[code] : "", {host, port}, inode};
}

// Calls `visit` for each entry of both tables; false goes on with the next table.
void for_each_entry(const std::function<bool(tcp_entry)>& visit) {
    for (const char* path : {"/proc/net/tcp", "/proc/net/tcp6"}) {
        std::ifstream file(path);
        std::string line;
        std::getline(file, line);  // the heading
        while (std::getline(file, line))
            if (!visit(parse_entry(line))) break;
    }
}

}  // namespace

std::uint16_t free_port() {
    int first_outgoing = 32768;
    std::ifstream("/proc/sys/net/ipv4/ip_local_port_range") >> first_outgoing;
    static std::mt19937 random(std::random_device{}());
    std::uniform_int_distribution<int> any(10000, std::max(first_outgoing - 1, 12000));
    for (int tries = 0; tries < 1000; ++tries)
        if (const auto port = static_cast<std::uint16_t>(any(random)); is_free(port)) return port;
    throw setup_error("cannot find a port that is free");
}

std::vector<tcp_entry> tcp_table(std::uint16_t local_port) {
    std::vector<tcp_entry> entries;
    for_each_entry([&](tcp_entry entry) {
        if (entry.local.port == local_port) entries.push_back(std::move(entry));
        return true;
    });
    return entries;
}

std::vector<tcp_entry> listening_sockets() {
    std::vector<tcp_entry> entries;
    for_each_entry([&](tcp_entry entry) {
        // The kernel lists them first.  Behind them may stand thousands of old connections.
        if (entry.state != "listen") return false;
        entries.push_back(std::move(entry));
        return true;
    });
    return entries;
}

}  // namespace rendezvous::harness

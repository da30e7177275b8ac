// A server under test.  It is started on a port of its own, and the constructor waits until it
// listens.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "tests/harness/client.hpp"  // address
#include "tests/harness/process.hpp"
#include "tests/harness/settings.hpp"

namespace rendezvous::harness {

struct server_options {
    std::vector<std::string> more = {};      // options for a course server: {"--host", "::1"}
    std::optional<std::uint16_t> port = {};  // default: a free one
    std::optional<std::uint64_t> descriptors = {};
    std::string look_at = {};  // what to look at first if it does not start
};

class server_process {
public:
    // Throws setup_error, with the server's output, if it ends or does not listen in time.
    explicit server_process(const settings&, server_options = {});

    const address& where() const { return where_; }
    process& program() { return program_; }
    const process& program() const { return program_; }

    // Sends SIGTERM.  Returns the status, or nothing if the server has not ended in time.
    std::optional<int> stop(milliseconds within);
    // Returns the status once the server has ended, or nothing if it does not end.  The time
    // applies to an idle machine: a server that is starved gets more, but a server that sleeps or
    // works does not.
    std::optional<int> await_end(milliseconds within) const;

private:
    address await_line(const settings&);
    address await_listening(std::uint16_t port);

    std::uint16_t port_;
    process program_;
    address where_;
};

// The command with the port instead of {port}.
std::vector<std::string> command_for(const settings&, std::uint16_t port);
// The command of a course server without its port, so that other options can be added.
std::vector<std::string> bare_command(const settings&);

// A port on which no program listens now.  It is outside the range that the kernel uses for
// outgoing connections, so that no client of a test that runs in parallel takes it.
std::uint16_t free_port();

// An entry of the kernel's tables of sockets.
struct tcp_entry {
    std::string state;  // "listen", "time wait" ...
    address local;
    std::string inode;
};
// Of both families: all sockets with this local port, or all sockets that listen.
std::vector<tcp_entry> tcp_table(std::uint16_t local_port);
std::vector<tcp_entry> listening_sockets();

}  // namespace rendezvous::harness

// A server under test: started on a port of its own, waited for until it listens.
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
    std::optional<std::uint16_t> port = {};  // else one that is free
    std::optional<std::uint64_t> descriptors = {};
    std::string look_at = {};  // what to look at first if it does not start
};

class server_process {
public:
    // Throws setup_error, with what it printed, if it ends first or does not listen in time.
    explicit server_process(const settings&, server_options = {});

    const address& where() const { return where_; }
    process& program() { return program_; }
    const process& program() const { return program_; }

    // SIGTERM; its status, or nothing if it has not ended in time.
    std::optional<int> stop(milliseconds within);
    // Its status once it has ended, or nothing if it does not.  The time that it is given is that
    // of a machine which has nothing else to do: a server that is starved there gets more, one that
    // sleeps does not, nor one that works for so long.
    std::optional<int> await_end(milliseconds within) const;

private:
    address await_line(const settings&);
    address await_listening(std::uint16_t port);

    std::uint16_t port_;
    process program_;
    address where_;
};

// The command with a port in the place of {port}.
std::vector<std::string> command_for(const settings&, std::uint16_t port);
// The command of a course server without its port: to which other options can be added.
std::vector<std::string> bare_command(const settings&);

// A port on which nobody listens now.  It is not one of those that the kernel gives to outgoing
// connections, so that no client of a test that runs beside this one takes it meanwhile.
std::uint16_t free_port();

// The kernel's tables, for both families.
struct tcp_entry {
    std::string state;  // "listen", "time wait" ...
    address local;
    std::string inode;
};
std::vector<tcp_entry> tcp_table(std::uint16_t local_port = 0);  // 0: all

}  // namespace rendezvous::harness

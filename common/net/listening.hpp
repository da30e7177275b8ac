// Listening, and what to do when accepting fails.
#pragma once
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <chrono>

#include "common/net/address.hpp"

namespace rendezvous {

// An acceptor that listens on `where`: on the first of the host's addresses that this machine has,
// IPv4 before IPv6, as Go does.  SO_REUSEADDR is set, so that a server can be restarted at once.
// The backlog is as long as the kernel allows, so that a crowd does not have to connect twice.
// The connections that it accepts have the options of connection_options.hpp.
// Throws std::runtime_error: `cannot resolve nowhere: ...`,
// `cannot listen on 127.0.0.1:8000: Address already in use`.
boost::asio::ip::tcp::acceptor listen(boost::asio::io_context& io, const address& where);

// When accept fails, mostly because the process has no descriptor left, trying again at once would
// keep a processor busy and fill the disk with complaints.  So a listener complains once, and then
// waits longer from one attempt to the next, as Go's net/http does.
class accept_trouble {
public:
    // Prints the reason the first time.  Returns how long to wait: 5 ms, 10 ms ... 1 s.
    std::chrono::milliseconds failed(const boost::system::error_code& why);

private:
    std::chrono::milliseconds pause_{0};
};

}  // namespace rendezvous

// Listening, and what to do when accepting fails.
#pragma once
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <chrono>

#include "common/net/address.hpp"

namespace rendezvous {

// An acceptor that listens on `where`.  Of the addresses that the host's name stands for the first
// that this machine has is used, IPv4 before IPv6, as Go does it.  SO_REUSEADDR is set, so that a
// server can be restarted at once; the backlog is 4,096, so that a crowd need not wait.
// Throws std::runtime_error: `cannot resolve nowhere: ...`,
// `cannot listen on 127.0.0.1:8000: Address already in use`.
boost::asio::ip::tcp::acceptor listen(boost::asio::io_context& io, const address& where);

// When accept fails (no descriptors left, most often), trying again at once would keep a processor
// busy and fill the disk with complaints.  So: one line, then pauses that double.
class accept_trouble {
public:
    // Says what happened, the first time, and returns how long to wait: 5 ms, 10 ms ... 1 s.
    std::chrono::milliseconds failed(const boost::system::error_code& why);

private:
    std::chrono::milliseconds pause_{0};
};

}  // namespace rendezvous

// The addresses that a host's name stands for.
#pragma once
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <vector>

#include "common/net/address.hpp"

namespace rendezvous {

// All endpoints of a host and a port, IPv4 before IPv6.  `localhost` is the two loopback addresses
// without a look-up (RFC 6761, section 6.3): a fresh container may have no /etc/hosts, and a name
// server may take seconds to answer that it does not know the name.
// Throws std::runtime_error: `cannot resolve nowhere: Host not found (authoritative)`.
std::vector<boost::asio::ip::tcp::endpoint> resolve(boost::asio::io_context& io,
                                                    const address& where);

}  // namespace rendezvous

// How an endpoint is written: 127.0.0.1:64208, [::1]:64208.
#pragma once
#include <boost/asio/ip/tcp.hpp>
#include <string>

namespace rendezvous {

// As Go's net.Addr prints it: an IPv6 address is in brackets, and an IPv4 client of an IPv6 socket
// has its IPv4 address.
std::string to_string(const boost::asio::ip::tcp::endpoint& endpoint);

}  // namespace rendezvous

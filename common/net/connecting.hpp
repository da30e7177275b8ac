// Connecting to a server.
#pragma once
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "common/net/address.hpp"

namespace rendezvous {

// Connects to the first address of the host that answers, and sets the options of
// connection_options.hpp.  Throws std::runtime_error: `cannot resolve nowhere: ...`,
// `cannot connect to localhost:8000: Connection refused`.
boost::asio::ip::tcp::socket connect(boost::asio::io_context& io, const address& where);

}  // namespace rendezvous

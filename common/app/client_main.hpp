// What the main of a client does besides talking.
#pragma once
#include <boost/asio/ip/tcp.hpp>

namespace rendezvous {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

// Reads the options, connects to the first address of the host that answers, and talks.  Returns
// the exit status: 0, or 1 where it cannot connect (`cannot connect to localhost:8000: Connection
// refused`) or `talk` throws.  A mistake in the options ends the program with status 2.
int client_main(int argc, char** argv, void (*talk)(tcp::socket&));

}  // namespace rendezvous

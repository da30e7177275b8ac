// The command line of servers and clients.
#pragma once
#include "common/net/address.hpp"

namespace rendezvous {

// `server [--host NAME] [--port N]`.  Ends the program where nothing is to be served: with status 0
// after `--help`, with status 2 and one line that names the mistake after a mistake.
address server_options(int argc, const char* const* argv);

// `client [HOST] [PORT]`, in the same way.
address client_options(int argc, const char* const* argv);

}  // namespace rendezvous

// Where a server listens, or a client connects.
#pragma once
#include <cstdint>
#include <string>

namespace rendezvous {

struct address {
    std::string host = "localhost";  // a name or a numeric address
    std::uint16_t port = 8000;
};

}  // namespace rendezvous

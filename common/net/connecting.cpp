#include "common/net/connecting.hpp"

#include <stdexcept>
#include <string>

#include "common/net/connection_options.hpp"
#include "common/net/resolve.hpp"

namespace rendezvous {
using boost::asio::ip::tcp;
using boost::system::error_code;

tcp::socket connect(boost::asio::io_context& io, const address& where) {
    error_code why;  // of the first address: if that one refuses, a lack of IPv6 says nothing
    for (const auto& endpoint : resolve(io, where)) {
        error_code ec;
        tcp::socket conn(io);
        conn.connect(endpoint, ec);
        set_connection_options(conn.native_handle());
        if (!ec) return conn;
        if (!why) why = ec;
    }
    throw std::runtime_error("cannot connect to " + where.host + ":" + std::to_string(where.port) +
                             ": " + why.message());
}

}  // namespace rendezvous

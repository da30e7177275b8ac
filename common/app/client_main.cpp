#include "common/app/client_main.hpp"

#include <boost/asio/io_context.hpp>
#include <cstdio>
#include <stdexcept>
#include <string>

#include "common/app/options.hpp"
#include "common/net/resolve.hpp"

namespace rendezvous {
namespace {

tcp::socket connect(asio::io_context& io, const address& where) {
    error_code why;  // of the first address: that the machine has no IPv6 is not the trouble
    for (const auto& endpoint : resolve(io, where)) {
        error_code ec;
        tcp::socket conn(io);
        conn.connect(endpoint, ec);
        if (!ec) return conn;
        if (!why) why = ec;
    }
    throw std::runtime_error("cannot connect to " + where.host + ":" + std::to_string(where.port) +
                             ": " + why.message());
}

}  // namespace

int client_main(int argc, char** argv, void (*talk)(tcp::socket&)) {
    try {
        const auto where = client_options(argc, argv);
        asio::io_context io;  // Asio wants one; nobody runs it
        auto conn = connect(io, where);
        talk(conn);
        return 0;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 1;
    }
}

}  // namespace rendezvous

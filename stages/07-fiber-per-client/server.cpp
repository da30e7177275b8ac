// Stage 07, fiber per client: one thread serves all clients at once.
#include "common/fibers.hpp"  // listener, connection, group

using namespace rendezvous::fibers;

void handle_client(connection conn) {
    std::array<char, 4096> bytes;
    error_code ec;
    while (!ec) {  // until end of file, a reset, or Ctrl-C
        const auto n = conn.async_read_some(asio::buffer(bytes), use_fiber[ec]);
        if (!ec) asio::async_write(conn, asio::buffer(bytes, n), use_fiber[ec]);
    }
}  // conn is closed here, by its only owner

void serve(listener& listener) {
    group clients;  // one fiber per client, all joined at the end of serve
    while (auto conn = listener.accept())  // nothing more after Ctrl-C
        clients.spawn("handle_client", handle_client, std::move(*conn));
}

int main(int argc, char** argv) { return server_main(argc, argv, serve); }

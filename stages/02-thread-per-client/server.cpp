// Stage 02, thread per client: all clients are served at once.
#include "common/threads.hpp"  // listener, connection, group

using namespace rendezvous::threads;

void handle_client(connection conn) {
    std::array<char, 4096> bytes;
    error_code ec;
    while (!ec) {  // until end of file, a reset, or Ctrl-C
        const auto n = conn.read_some(asio::buffer(bytes), ec);
        if (!ec) asio::write(conn, asio::buffer(bytes, n), ec);
    }
}  // conn is closed here, by its only owner

void serve(listener& listener) {
    group clients;  // one thread per client, all joined at the end of serve
    while (auto conn = listener.accept())  // nothing more after Ctrl-C
        clients.spawn("handle_client", handle_client, std::move(*conn));
}

int main(int argc, char** argv) { return server_main(argc, argv, serve); }

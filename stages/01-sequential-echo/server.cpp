// Stage 01, sequential echo: the server sends back what a client sends, and
// serves one client at a time.
#include <unistd.h>

#include <array>
#include <boost/asio.hpp>
#include <csignal>
#include <iostream>

#include "common/app/server_main.hpp"

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

void handle_client(tcp::socket conn) {
    std::array<char, 4096> bytes;
    error_code ec;
    while (!ec) {  // until end of file, or a reset
        const auto n = conn.read_some(asio::buffer(bytes), ec);
        if (!ec) asio::write(conn, asio::buffer(bytes, n), ec);
    }
}  // conn is closed here, by its only owner

void serve(tcp::acceptor& acceptor) {
    for (;;) {  // until Ctrl-C
        error_code ec;
        auto conn = acceptor.accept(ec);
        if (!ec) {
            handle_client(std::move(conn));
        } else {  // perhaps no descriptor is free: try again in a second
            std::cerr << "cannot accept: " << ec.message() << '\n';
            sleep(1);
        }
    }
}

// Handles Ctrl-C and SIGTERM.  The kernel closes all sockets of the process.
// NOTE: this cuts off the client that is being served.
void quit(int) { _exit(0); }

int main(int argc, char** argv) {
    for (const int request : {SIGINT, SIGTERM}) std::signal(request, quit);
    return rendezvous::server_main(argc, argv, serve);
}

// Stage 00, netcat: the client of The Go Programming Language, section 8.4.1
// (netcat3, with exercise 8.3).  It copies what you type to the server, and
// what the server sends to your screen, both at the same time.
#include <poll.h>
#include <unistd.h>

#include <boost/asio.hpp>
#include <iostream>
#include <thread>

#include "common/app/client_main.hpp"

using namespace rendezvous;

// Waits until standard input has something to read.  Returns false when the
// connection has ended in both directions: the server would not receive it.
bool wait_for_input(tcp::socket& conn) {
    pollfd both[] = {{STDIN_FILENO, POLLIN, 0}, {conn.native_handle(), 0, 0}};
    poll(both, 2, -1);
    return both[1].revents == 0;
}

// Copies from you to the server.  At the end of the input (Ctrl-D) it closes
// the writing half of the connection: you send no more, but still receive.
void copy_input(tcp::socket& conn) {
    char bytes[4096];
    error_code ec;
    while (!ec && wait_for_input(conn)) {
        const auto size = read(STDIN_FILENO, bytes, sizeof bytes);
        if (size <= 0) break;
        asio::write(conn, asio::buffer(bytes, std::size_t(size)), ec);
    }
    conn.shutdown(tcp::socket::shutdown_send, ec);
}

// Copies from the server to you, until the server sends no more.
error_code copy_output(tcp::socket& conn) {
    char bytes[4096];
    error_code ec;
    while (!ec && std::cout) {
        const auto size = conn.read_some(asio::buffer(bytes), ec);
        std::cout.write(bytes, std::streamsize(size)).flush();
    }
    return ec;
}

void talk(tcp::socket& conn) {
    std::thread input(copy_input, std::ref(conn));
    const auto end = copy_output(conn);
    error_code ec;
    conn.shutdown(tcp::socket::shutdown_both, ec);  // wakes wait_for_input
    input.join();
    if (end && end != asio::error::eof)
        throw std::runtime_error("the connection broke: " + end.message());
}

int main(int argc, char** argv) { return client_main(argc, argv, talk); }

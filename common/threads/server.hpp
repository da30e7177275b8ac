// What a server on threads is made of: listener, connection, group, lines, write_line.
// common/fibers/server.hpp has the same names for fibers.
#pragma once
#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/write.hpp>
#include <optional>
#include <string>

#include "common/app/group.hpp"
#include "common/app/server_main.hpp"
#include "common/app/signals.hpp"
#include "common/net/connection.hpp"
#include "common/net/lines.hpp"
#include "common/threads/thread.hpp"

namespace rendezvous::threads {

namespace asio = boost::asio;
using rendezvous::connection;
using rendezvous::error_code;
using rendezvous::server_main;

// Takes clients in until Ctrl-C.
class listener {
public:
    explicit listener(const address& where);  // throws as rendezvous::listen does
    ~listener();
    listener(const listener&) = delete;
    listener& operator=(const listener&) = delete;

    std::string endpoint() const;  // what it listens on: 127.0.0.1:8000

    // The next client, or nothing: after Ctrl-C, when it has hung up on everybody.  Blocks.
    std::optional<connection> accept();

private:
    void watch_signals();

    asio::io_context io_;  // Asio wants one; nobody runs it
    connections open_;
    signals signals_;
    tcp::acceptor acceptor_;
    std::atomic<bool> stopped_{false};
    std::thread watcher_;
};

using group = basic_group<thread>;

std::size_t read_some(connection& conn, asio::mutable_buffer bytes, error_code& ec);
using lines = basic_lines<read_some>;

// Writes the text and a newline, all of it, and blocks until the kernel has taken it.  After an
// error, write no more to this client: it is gone.
void write_line(connection& conn, const std::string& text, error_code& ec);

}  // namespace rendezvous::threads

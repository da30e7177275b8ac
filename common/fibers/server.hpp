// What a server on fibers is made of: listener, connection, group, lines, write_line.
// common/threads/server.hpp has the same names for threads.
#pragma once
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/write.hpp>
#include <memory>
#include <optional>
#include <string>

#include "common/app/group.hpp"
#include "common/app/server_main.hpp"
#include "common/app/signals.hpp"
#include "common/fibers/fiber.hpp"
#include "common/fibers/use_fiber.hpp"
#include "common/net/connection.hpp"
#include "common/net/lines.hpp"

namespace rendezvous::fibers {

namespace asio = boost::asio;
using rendezvous::connection;
using rendezvous::error_code;
using rendezvous::server_main;

// Takes clients in until Ctrl-C.  Makes the thread that makes it a thread of fibers.
class listener {
public:
    explicit listener(const address& where);  // throws as rendezvous::listen does
    listener(const listener&) = delete;
    listener& operator=(const listener&) = delete;

    std::string endpoint() const;  // what it listens on: 127.0.0.1:8000

    // The next client, or nothing: after Ctrl-C, when it has hung up on everybody.  Suspends.
    std::optional<connection> accept();

private:
    void watch_signals();

    std::shared_ptr<asio::io_context> io_;
    connections open_;
    signals signals_;
    asio::posix::stream_descriptor requests_;
    char request_ = signals::none;
    std::string endpoint_;
    tcp::acceptor acceptor_;
};

using group = basic_group<fiber>;

std::size_t read_some(connection& conn, asio::mutable_buffer bytes, error_code& ec);
using lines = basic_lines<read_some>;

// Writes the text and a newline, all of it, and suspends the fiber until the kernel has taken it.
// After an error, write no more to this client: it is gone, and Asio's reactor may wait for ever
// for a sign of life.
void write_line(connection& conn, const std::string& text, error_code& ec);

}  // namespace rendezvous::fibers

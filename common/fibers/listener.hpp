// The listening socket of a server on fibers.
#pragma once
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <memory>
#include <optional>
#include <string>

#include "common/app/signals.hpp"
#include "common/net/address.hpp"
#include "common/net/connection.hpp"

namespace rendezvous::fibers {

// Accepts clients until Ctrl-C.  Turns the thread that constructs it into a thread of fibers.
class listener {
public:
    explicit listener(const address& where);  // throws as rendezvous::listen does
    listener(const listener&) = delete;
    listener& operator=(const listener&) = delete;

    std::string endpoint() const;  // what it listens on: 127.0.0.1:8000

    // The next client, or nothing after Ctrl-C, when it has hung up on all clients.  Suspends the
    // fiber that calls it when no client waits, and once for every 64 clients.  The first call
    // prints `listening on`: by then the server has started everything that it needs.
    std::optional<connection> accept();

private:
    static constexpr int most_in_a_row = 64;

    void watch_signals();

    std::shared_ptr<asio::io_context> io_;
    connections open_;
    signals signals_;
    asio::posix::stream_descriptor requests_;
    char request_ = signals::none;
    std::string endpoint_;
    tcp::acceptor acceptor_;
    int accepted_in_a_row_ = 0;  // without suspending
    bool announced_ = false;
    std::shared_ptr<void> alive_ = std::make_shared<char>();  // handlers ask whether we still are
};

}  // namespace rendezvous::fibers

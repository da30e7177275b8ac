// The listening socket of a server on threads.
#pragma once
#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <optional>
#include <string>
#include <thread>

#include "common/app/signals.hpp"
#include "common/net/address.hpp"
#include "common/net/connection.hpp"

namespace rendezvous::threads {

// Accepts clients until Ctrl-C.
class listener {
public:
    explicit listener(const address& where);  // throws as rendezvous::listen does, or start_error
    ~listener();
    listener(const listener&) = delete;
    listener& operator=(const listener&) = delete;

    std::string endpoint() const;  // what it listens on: 127.0.0.1:8000

    // The next client, or nothing after Ctrl-C, when it has hung up on all clients.  Blocks.  The
    // first call prints `listening on`: by then the server has started everything that it needs.
    std::optional<connection> accept();

private:
    void watch_signals();

    asio::io_context io_;  // every socket of Asio's has one; this one is never run
    connections open_;
    signals signals_;
    tcp::acceptor acceptor_;
    bool announced_ = false;
    std::atomic<bool> stopped_{false};
    std::thread watcher_;
};

}  // namespace rendezvous::threads

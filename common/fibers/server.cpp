#include "common/fibers/server.hpp"

#include <unistd.h>

#include <array>
#include <boost/fiber/operations.hpp>
#include <cstdio>

#include "common/fibers/scheduler.hpp"
#include "common/net/listening.hpp"
#include "common/net/peer_name.hpp"

namespace rendezvous::fibers {

listener::listener(const address& where)
    : io_(use_fibers()),
      requests_(*io_, ::dup(signals_.descriptor())),
      acceptor_(listen(*io_, where)) {
    endpoint_ = to_string(acceptor_.local_endpoint());
    watch_signals();
}

// In the loop, and not in a fiber: it is no routine of the program's.
void listener::watch_signals() {
    requests_.async_read_some(asio::buffer(&request_, 1), [this](error_code ec, std::size_t) {
        if (ec) return;  // the listener is gone
        if (request_ == signals::list)
            std::fprintf(stderr, "%s\n", list_routines("fibers").c_str());
        if (request_ == signals::stop) {
            acceptor_.close(ec);  // ends a pending accept
            open_.hang_up();
        }
        watch_signals();
    });
}

std::string listener::endpoint() const { return endpoint_; }

std::optional<connection> listener::accept() {
    accept_trouble trouble;
    while (acceptor_.is_open()) {
        error_code ec;
        tcp::endpoint peer;  // named here: a client that is gone already cannot be asked
        auto socket = acceptor_.async_accept(peer, use_fiber[ec]);
        if (!ec) socket.non_blocking(true, ec);  // for write_line, which tries first
        if (!ec) return connection(std::move(socket), to_string(peer), open_);
        if (acceptor_.is_open()) boost::this_fiber::sleep_for(trouble.failed(ec));
    }
    return {};
}

std::size_t read_some(connection& conn, asio::mutable_buffer bytes, error_code& ec) {
    return conn.async_read_some(bytes, use_fiber[ec]);
}

void write_line(connection& conn, const std::string& text, error_code& ec) {
    // Nearly always the kernel takes it all at once.  Asking costs one system call; waiting for
    // what need not be waited for would cost two switches and a turn of the loop besides.
    const std::array line{asio::buffer(text), asio::buffer("\n", 1)};
    const auto written = conn.write_some(line, ec);
    if (ec == asio::error::would_block) ec = {};
    if (ec || written > text.size()) return;

    const auto rest = (text + '\n').substr(written);
    asio::async_write(conn, asio::buffer(rest), use_fiber[ec]);
}

}  // namespace rendezvous::fibers

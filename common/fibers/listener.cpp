#include "common/fibers/listener.hpp"

#include <unistd.h>

#include <boost/fiber/operations.hpp>
#include <cstdio>

#include "common/app/tasks.hpp"
#include "common/fibers/scheduler.hpp"
#include "common/fibers/use_fiber.hpp"
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

// In the loop, and not in a fiber: it is no task of the program's.
void listener::watch_signals() {
    requests_.async_read_some(asio::buffer(&request_, 1), [this](error_code ec, std::size_t) {
        if (ec) return;  // the listener is gone
        if (request_ == signals::list) std::fprintf(stderr, "%s\n", list_tasks("fibers").c_str());
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

}  // namespace rendezvous::fibers

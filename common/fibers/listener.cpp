#include "common/fibers/listener.hpp"

#include <fcntl.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/fiber/operations.hpp>
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <system_error>
#include <utility>

#include "common/app/server_main.hpp"
#include "common/app/tasks.hpp"
#include "common/fibers/scheduler.hpp"
#include "common/fibers/use_fiber.hpp"
#include "common/net/listening.hpp"
#include "common/net/peer_name.hpp"

namespace rendezvous::fibers {
namespace {

// Asio closes what it is given, and `signals` closes its own.
int duplicate(int descriptor) {
    const int copy = ::fcntl(descriptor, F_DUPFD_CLOEXEC, 0);
    if (copy < 0)
        throw std::system_error(errno, std::system_category(), "cannot duplicate a descriptor");
    return copy;
}

}  // namespace

listener::listener(const address& where)
    : io_(use_fibers()),
      requests_(*io_, duplicate(signals_.descriptor())),
      acceptor_(listen(*io_, where)) {
    acceptor_.non_blocking(true);  // for accept, which tries first
    endpoint_ = to_string(acceptor_.local_endpoint());
    watch_signals();
}

// A handler in the loop, not a fiber: it is no task of the program's.  When the listener is
// destroyed, the handler may already be waiting in the loop for its turn, with no error.
void listener::watch_signals() {
    requests_.async_read_some(asio::buffer(&request_, 1),
                              [this, alive = std::weak_ptr(alive_)](error_code ec, std::size_t) {
                                  if (ec || alive.expired()) return;  // the listener is gone
                                  if (request_ == signals::list)
                                      std::fprintf(stderr, "%s\n", list_tasks("fibers").c_str());
                                  if (request_ == signals::stop) {
                                      acceptor_.close(ec);  // ends a pending accept
                                      open_.hang_up();
                                  }
                                  watch_signals();
                              });
}

std::string listener::endpoint() const { return endpoint_; }

std::optional<connection> listener::accept() {
    if (!std::exchange(announced_, true)) say_listening(endpoint());
    accept_trouble trouble;
    while (acceptor_.is_open()) {
        error_code ec = asio::error::would_block;
        tcp::socket socket(*io_);
        tcp::endpoint peer;  // known from here on: a client that has gone already cannot be asked
        // A client that waits in the kernel's queue is there at once.  To suspend for each of them
        // would let in one client a turn of the event loop, and in a turn a full room says a lot.
        // But those who are in have to be served while a crowd arrives: hence a limit.
        if (accepted_in_a_row_++ < most_in_a_row) acceptor_.accept(socket, peer, ec);
        if (ec == asio::error::would_block) {
            accepted_in_a_row_ = 0;
            acceptor_.async_accept(socket, peer, use_fiber[ec]);
        }
        if (!ec) socket.non_blocking(true, ec);  // for write_line, which tries first
        if (!ec) return connection(std::move(socket), to_string(peer), open_);
        if (acceptor_.is_open()) boost::this_fiber::sleep_for(trouble.failed(ec));
    }
    return {};
}

}  // namespace rendezvous::fibers

#include "common/threads/listener.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <utility>

#include "common/app/server_main.hpp"
#include "common/app/tasks.hpp"
#include "common/net/listening.hpp"
#include "common/net/peer_name.hpp"

namespace rendezvous::threads {

listener::listener(const address& where) : acceptor_(listen(io_, where)) {
    watcher_ = start_task("signals", [this] { return std::thread([this] { watch_signals(); }); });

    // Only the watcher takes these signals: threads that are made from here on inherit the mask.
    sigset_t ours;
    sigemptyset(&ours);
    for (const int signal : {SIGINT, SIGTERM, SIGQUIT}) sigaddset(&ours, signal);
    ::pthread_sigmask(SIG_BLOCK, &ours, nullptr);
}

listener::~listener() {
    signals_.wake();
    watcher_.join();
}

// Runs on a thread of its own, because every other thread may be waiting for a client.  On a
// request to stop it hangs up on all clients, which wakes those threads.  It goes on reading
// requests, so that a server that is shutting down can still list its threads.
void listener::watch_signals() {
    ::pthread_setname_np(::pthread_self(), "signals");
    for (;;) {
        pollfd readable{signals_.descriptor(), POLLIN, 0};
        ::poll(&readable, 1, -1);
        char request;
        if (::read(signals_.descriptor(), &request, 1) != 1) continue;
        if (request == signals::none) return;
        if (request == signals::list) std::fprintf(stderr, "%s\n", list_tasks("threads").c_str());
        if (request == signals::stop) {
            stopped_ = true;
            ::shutdown(acceptor_.native_handle(), SHUT_RDWR);  // wakes a blocked accept
            open_.hang_up();
        }
    }
}

std::string listener::endpoint() const { return to_string(acceptor_.local_endpoint()); }

std::optional<connection> listener::accept() {
    if (!std::exchange(announced_, true)) say_listening(endpoint());
    accept_trouble trouble;
    while (!stopped_) {
        error_code ec;
        tcp::socket socket(io_);
        tcp::endpoint peer;  // known from here on: a client that has gone already cannot be asked
        acceptor_.accept(socket, peer, ec);
        if (!ec) return connection(std::move(socket), to_string(peer), open_);
        if (!stopped_) std::this_thread::sleep_for(trouble.failed(ec));
    }
    return {};
}

}  // namespace rendezvous::threads

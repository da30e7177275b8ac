// Stage 03, shared room: a thread per client, and one room that all of them
// share.
#include <mutex>
#include <vector>

#include "common/threads.hpp"  // listener, connection, group, lines

using namespace rendezvous::threads;

class room {
public:
    void enter(connection& conn) {
        std::lock_guard lock(mutex_);
        broadcast(conn.peer_name() + " has arrived");
        clients_.push_back(&conn);
    }

    void say(const std::string& msg) {
        std::lock_guard lock(mutex_);
        broadcast(msg);
    }

    void leave(connection& conn) {
        std::lock_guard lock(mutex_);
        std::erase(clients_, &conn);
        broadcast(conn.peer_name() + " has left");
    }

private:
    // NOTE: the caller holds the lock, so one client that stops reading blocks
    // everyone.
    void broadcast(const std::string& msg) {
        for (auto cli : clients_) {
            error_code ec;
            write_line(*cli, msg, ec);  // NOTE: ignoring network errors
        }
    }

    std::mutex mutex_;                  // held while clients_ is in use
    std::vector<connection*> clients_;  // all clients in the room
};

room here;

void handle_client(connection conn) {
    const auto who = conn.peer_name();
    error_code ec;
    write_line(conn, "You are " + who, ec);
    here.enter(conn);
    for (auto& line : lines(conn)) here.say(who + ": " + line);
    here.leave(conn);
}

void serve(listener& listener) {
    group clients;  // one thread per client, all joined at the end of serve
    while (auto conn = listener.accept())  // nothing more after Ctrl-C
        clients.spawn("handle_client", handle_client, std::move(*conn));
}

int main(int argc, char** argv) { return server_main(argc, argv, serve); }

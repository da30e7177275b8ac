// Stage 09, fibers and select: the chat server of The Go Programming
// Language, section 8.10.  With n clients it is 2n+2 fibers on one thread.
#include <vector>

#include "common/channel/channel.hpp"  // channel, select
#include "common/fibers.hpp"           // listener, connection, group

using namespace rendezvous;
using namespace rendezvous::fibers;

using client = channel<std::string>*;  // an outgoing message channel

channel<client> entering;
channel<client> leaving;
channel<std::string> messages;  // all incoming client messages

void broadcaster() {
    std::vector<client> clients;  // connected clients, private to this fiber
    // Keep the cases under each other, as in Go.
    // clang-format off
    while (select(
        on_receive(messages, [&](const std::string& msg) {
            // Broadcast an incoming message to all
            // clients' outgoing message channels.
            for (auto cli : clients) cli->send(msg);
        }),
        on_receive(entering, [&](client cli) { clients.push_back(cli); }),
        on_receive(leaving, [&](client cli) {
            std::erase(clients, cli);
            cli->close();
        }))) {
    }  // select returns false once messages is closed
    // clang-format on
}

void client_writer(connection& conn, channel<std::string>& ch) {
    error_code ec;
    for (auto& msg : ch)  // even after an error, or the broadcaster would hang
        if (!ec) write_line(conn, msg, ec);  // NOTE: errors go unreported
}

void handle_client(connection conn) {
    channel<std::string> ch;  // outgoing client messages
    fiber writer("client_writer", client_writer, std::ref(conn), std::ref(ch));

    const auto who = conn.peer_name();
    ch.send("You are " + who);
    messages.send(who + " has arrived");
    entering.send(&ch);

    for (auto& line : lines(conn)) messages.send(who + ": " + line);
    // NOTE: ignoring why the lines ended

    leaving.send(&ch);
    messages.send(who + " has left");
    writer.join();  // the book closes here, and can drop the last lines
}

void serve(listener& listener) {
    fiber speaker("broadcaster", broadcaster);
    group clients;
    while (auto conn = listener.accept())
        clients.spawn("handle_client", handle_client, std::move(*conn));
    // After Ctrl-C the listener shuts down every connection: all clients leave.
    clients.join();
    messages.close();  // no client is left to send to it
    speaker.join();
}

int main(int argc, char** argv) { return server_main(argc, argv, serve); }

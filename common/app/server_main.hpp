// What the main of every server does besides serving.
#pragma once
#include <boost/asio/ip/tcp.hpp>
#include <exception>
#include <string>

#include "common/app/options.hpp"
#include "common/app/tasks.hpp"

namespace rendezvous {

void prepare_process();                           // descriptors, SIGPIPE
void say_listening(const std::string& endpoint);  // "listening on 127.0.0.1:8000", at once
int fail(const std::exception& error);            // what happened, as one sentence; returns 1

// What both of these do; `serve` takes a Listener.
template <class Listener>
int run_server(int argc, char** argv, const auto& serve) {
    try {
        const auto where = server_options(argc, argv);
        prepare_process();
        const task_name name("main");
        Listener listener(where);
        say_listening(listener.endpoint());
        serve(listener);
        return 0;
    } catch (const std::exception& error) {
        return fail(error);
    }
}

// Reads the options, listens, says so, and serves until the listener has no more clients to give.
// Returns the exit status: 0 after Ctrl-C or SIGTERM, 1 where it cannot listen.  A mistake in the
// options ends the program with status 2.
template <class Listener>
int server_main(int argc, char** argv, void (*serve)(Listener&)) {
    return run_server<Listener>(argc, argv, serve);
}

// The same with a listening socket of Asio's, which knows nothing of Ctrl-C.
int server_main(int argc, char** argv, void (*serve)(boost::asio::ip::tcp::acceptor&));

}  // namespace rendezvous

// What the main of every server does besides serving.
#pragma once
#include <boost/asio/ip/tcp.hpp>
#include <exception>
#include <string>

#include "common/app/options.hpp"
#include "common/app/process.hpp"
#include "common/app/tasks.hpp"

namespace rendezvous {

void say_listening(const std::string& endpoint);  // "listening on 127.0.0.1:8000", at once
int fail(const std::exception& error);            // says on standard error what happened; returns 1

// What both overloads below do; `serve` takes a Listener.
template <class Listener>
int run_server(int argc, char** argv, const auto& serve) {
    try {
        prepare_process();
        const auto where = server_options(argc, argv);
        const task_name name("main");
        Listener listener(where);
        serve(listener);
        return 0;
    } catch (const std::exception& error) {
        return fail(error);
    }
}

// Reads the options, listens, and serves until the listener has no more clients to give; the
// listener says that it listens.  Returns the exit status: 0 after Ctrl-C or SIGTERM, 1 if it
// cannot listen or cannot start a task that it needs.  A mistake in the options ends the program
// with status 2.
template <class Listener>
int server_main(int argc, char** argv, void (*serve)(Listener&)) {
    return run_server<Listener>(argc, argv, serve);
}

// The same with a listening socket of Asio's, which knows nothing of Ctrl-C.  Says that it listens
// before it serves.
int server_main(int argc, char** argv, void (*serve)(boost::asio::ip::tcp::acceptor&));

}  // namespace rendezvous

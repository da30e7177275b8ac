#include "common/app/server_main.hpp"

#include <sys/resource.h>

#include <boost/asio/io_context.hpp>
#include <csignal>
#include <cstdio>

#include "common/net/listening.hpp"
#include "common/net/peer_name.hpp"

namespace rendezvous {

namespace {

struct bare_listener {
    boost::asio::io_context io;  // Asio wants one; nobody runs it
    boost::asio::ip::tcp::acceptor acceptor;

    explicit bare_listener(const address& where) : acceptor(listen(io, where)) {}
    std::string endpoint() const { return to_string(acceptor.local_endpoint()); }
};

}  // namespace

void prepare_process() {
    // A client costs a descriptor, and the usual soft limit is 1,024.  The hard one is for us.
    rlimit files{};
    if (::getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        ::setrlimit(RLIMIT_NOFILE, &files);
    }
    // Whoever reads our standard error may go away first; that shall not end the server.
    std::signal(SIGPIPE, SIG_IGN);
}

void say_listening(const std::string& endpoint) {
    std::printf("listening on %s\n", endpoint.c_str());
    std::fflush(stdout);
}

int fail(const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
}

int server_main(int argc, char** argv, void (*serve)(boost::asio::ip::tcp::acceptor&)) {
    return run_server<bare_listener>(argc, argv,
                                     [&](bare_listener& listener) { serve(listener.acceptor); });
}

}  // namespace rendezvous

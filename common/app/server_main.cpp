#include "common/app/server_main.hpp"

#include <boost/asio/io_context.hpp>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "common/net/listening.hpp"
#include "common/net/peer_name.hpp"

namespace rendezvous {

namespace {

struct bare_listener {
    boost::asio::io_context io;  // Asio wants one; nothing runs it
    boost::asio::ip::tcp::acceptor acceptor;

    explicit bare_listener(const address& where) : acceptor(listen(io, where)) {}
    std::string endpoint() const { return to_string(acceptor.local_endpoint()); }
};

}  // namespace

void say_listening(const std::string& endpoint) {
    std::printf("listening on %s\n", endpoint.c_str());
    if (std::fflush(stdout) == 0) return;
    // A full disk, a reader that is gone: clients can be served all the same.
    std::fprintf(stderr, "cannot print `listening on %s`: %s\n", endpoint.c_str(),
                 std::strerror(errno));
}

int fail(const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
}

int server_main(int argc, char** argv, void (*serve)(boost::asio::ip::tcp::acceptor&)) {
    return run_server<bare_listener>(argc, argv, [&](bare_listener& listener) {
        say_listening(listener.endpoint());
        serve(listener.acceptor);
    });
}

}  // namespace rendezvous

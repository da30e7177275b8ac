#include "common/net/connection_options.hpp"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <boost/asio.hpp>

#include "common/net/connecting.hpp"
#include "common/net/listening.hpp"

using namespace rendezvous;

namespace {

int option(int socket, int level, int name) {
    int value = -1;
    socklen_t size = sizeof value;
    EXPECT_EQ(::getsockopt(socket, level, name, &value, &size), 0);
    return value;
}

void expect_what_go_sets(int socket) {
    EXPECT_EQ(option(socket, IPPROTO_TCP, TCP_NODELAY), 1);
    EXPECT_EQ(option(socket, SOL_SOCKET, SO_KEEPALIVE), 1);
    EXPECT_EQ(option(socket, IPPROTO_TCP, TCP_KEEPIDLE), 15);
    EXPECT_EQ(option(socket, IPPROTO_TCP, TCP_KEEPINTVL), 15);
    EXPECT_EQ(option(socket, IPPROTO_TCP, TCP_KEEPCNT), 9);
}

struct ConnectionOptions : testing::Test {
    boost::asio::io_context io;
    boost::asio::ip::tcp::acceptor acceptor = listen(io, {"localhost", 0});
    boost::asio::ip::tcp::socket ours =
        connect(io, {"localhost", acceptor.local_endpoint().port()});
};

}  // namespace

TEST_F(ConnectionOptions, ConnectingSocketHasTheOptions) {
    expect_what_go_sets(ours.native_handle());
}

TEST_F(ConnectionOptions, AcceptedSocketInheritsTheOptionsFromTheListeningSocket) {
    expect_what_go_sets(acceptor.accept().native_handle());
}

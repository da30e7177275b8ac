#include "common/net/connecting.hpp"

#include <gmock/gmock.h>

#include <boost/asio.hpp>
#include <stdexcept>

using namespace rendezvous;
using boost::asio::io_context;
using boost::asio::ip::tcp;
using testing::StartsWith;
using testing::ThrowsMessage;

namespace {

namespace ip = boost::asio::ip;

struct Connecting : testing::Test {
    Connecting() {
        refusing.open(tcp::v4());
        refusing.bind({ip::address_v4::loopback(), 0});
    }
    io_context io;
    tcp::acceptor refusing{io};  // 127.0.0.1 at a port where nothing listens, and nothing will
    std::uint16_t port() const { return refusing.local_endpoint().port(); }
};

}  // namespace

TEST_F(Connecting, TriesTheNextAddressWhenTheFirstOneRefuses) {
    tcp::acceptor acceptor(io);
    boost::system::error_code ec;
    acceptor.open(tcp::v6(), ec);
    if (!ec) acceptor.bind({ip::address_v6::loopback(), port()}, ec);
    if (ec) GTEST_SKIP() << "this port of ::1 cannot be had: " << ec.message();
    acceptor.listen();
    const auto conn = connect(io, {"localhost", port()});
    EXPECT_EQ(conn.remote_endpoint(), acceptor.local_endpoint());
}

TEST_F(Connecting, NamesTheServerThatRefuses) {
    EXPECT_THAT(
        [&] {
            connect(io, {"127.0.0.1", port()});
        },
        ThrowsMessage<std::runtime_error>("cannot connect to 127.0.0.1:" + std::to_string(port()) +
                                          ": Connection refused"));
}

TEST_F(Connecting, NamesAHostThatCannotBeResolved) {
    EXPECT_THAT(
        [&] {
            connect(io, {"no.such.host.invalid", 8000});
        },
        ThrowsMessage<std::runtime_error>(StartsWith("cannot resolve no.such.host.invalid: ")));
}

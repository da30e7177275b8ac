#include "common/net/connection.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <boost/asio.hpp>
#include <optional>
#include <thread>

using namespace rendezvous;

namespace {

struct Connection : testing::Test {
    asio::io_context io;
    connections open;
    tcp::acceptor acceptor{io, tcp::endpoint(asio::ip::address_v4::loopback(), 0)};

    // A connected pair: ours, which `open` knows, and the other end.
    std::pair<connection, tcp::socket> make_pair() {
        tcp::socket theirs(io);
        theirs.connect(acceptor.local_endpoint());
        return {connection(acceptor.accept(), "a client", open), std::move(theirs)};
    }

    static bool at_end_of_file(tcp::socket& socket) {
        char byte;
        error_code ec;
        socket.read_some(asio::buffer(&byte, 1), ec);
        return ec == asio::error::eof;
    }
};

}  // namespace

TEST_F(Connection, HangingUpEndsBothDirections) {
    auto [ours, theirs] = make_pair();
    open.hang_up();
    EXPECT_TRUE(at_end_of_file(ours));
    EXPECT_TRUE(at_end_of_file(theirs));
}

TEST_F(Connection, HangingUpWakesAThreadThatReads) {
    auto [ours, theirs] = make_pair();
    bool ended = false;
    std::thread reader([&, conn = &ours] { ended = at_end_of_file(*conn); });
    open.hang_up();
    reader.join();
    EXPECT_TRUE(ended);
}

TEST_F(Connection, ConnectionMadeAfterHangingUpIsAtItsEnd) {
    open.hang_up();
    auto [ours, theirs] = make_pair();
    EXPECT_TRUE(at_end_of_file(ours));
    EXPECT_TRUE(at_end_of_file(theirs));
}

TEST_F(Connection, MovedConnectionStaysKnown) {
    auto [ours, theirs] = make_pair();
    std::optional<connection> elsewhere(std::move(ours));
    EXPECT_EQ(elsewhere->peer_name(), "a client");
    open.hang_up();
    EXPECT_TRUE(at_end_of_file(*elsewhere));
}

TEST_F(Connection, ClosedConnectionIsForgottenBeforeItsDescriptorIsReused) {
    int number;
    {
        auto [ours, theirs] = make_pair();
        number = ours.native_handle();
    }
    // The kernel gives the lowest free numbers to the next sockets.
    tcp::socket one(io, tcp::v4()), other(io, tcp::v4());
    ASSERT_TRUE(one.native_handle() == number || other.native_handle() == number);
    auto& stranger = one.native_handle() == number ? one : other;
    stranger.connect(acceptor.local_endpoint());
    auto peer = acceptor.accept();
    open.hang_up();
    asio::write(peer, asio::buffer("x", 1));
    char byte = 0;
    EXPECT_EQ(asio::read(stranger, asio::buffer(&byte, 1)), 1u);
}

TEST_F(Connection, ReaderLearnsOfAResetThatWasReportedToAWriter) {
    auto [ours, theirs] = make_pair();
    theirs.set_option(asio::socket_base::linger(true, 0));
    theirs.close();
    error_code ec;
    asio::write(ours, asio::buffer("x", 1), ec);  // is told of the reset
    EXPECT_EQ(ec, asio::error::connection_reset);
    ours.note_write(ec);
    EXPECT_TRUE(at_end_of_file(ours));  // and so the reader is not
    EXPECT_TRUE(ours.was_reset());
}

TEST_F(Connection, HalfCloseIsNotAReset) {
    auto [ours, theirs] = make_pair();
    theirs.shutdown(tcp::socket::shutdown_send);
    EXPECT_TRUE(at_end_of_file(ours));
    EXPECT_FALSE(ours.was_reset());
}

TEST_F(Connection, CloseIsNotAReset) {
    auto [ours, theirs] = make_pair();
    theirs.close();
    EXPECT_TRUE(at_end_of_file(ours));
    EXPECT_FALSE(ours.was_reset());
}

#include "common/threads.hpp"

#include <gtest/gtest.h>

#include <array>
#include <boost/asio.hpp>
#include <string>

using namespace rendezvous;
using namespace rendezvous::threads;

namespace {

struct OnThreads : testing::Test {
    asio::io_context io;
    connections open;
    tcp::acceptor acceptor{io, tcp::endpoint(asio::ip::address_v4::loopback(), 0)};
    tcp::socket peer{io};

    connection connect() {
        peer.connect(acceptor.local_endpoint());
        return {acceptor.accept(), "a client", open};
    }
};

}  // namespace

TEST_F(OnThreads, WriteLineWritesTheTextAndANewline) {
    auto conn = connect();
    error_code ec;
    write_line(conn, "hello", ec);
    write_line(conn, "", ec);
    EXPECT_FALSE(ec);
    conn.shutdown(tcp::socket::shutdown_send);
    std::string received;
    asio::read(peer, asio::dynamic_buffer(received), ec);
    EXPECT_EQ(received, "hello\n\n");
}

TEST_F(OnThreads, HangingUpEndsAWriterThatWaits) {
    auto conn = connect();
    error_code ec;
    thread writer("writer", [&] {
        const std::string text(65'535, 'x');
        while (!ec) write_line(conn, text, ec);  // the peer does not read
    });
    open.hang_up();
    writer.join();
    EXPECT_TRUE(ec);
}

TEST_F(OnThreads, HangingUpEndsTheLines) {
    auto conn = connect();
    asio::write(peer, asio::buffer("one\ntwo\n", 8));
    std::string received;
    for (auto& line : lines(conn)) {
        received += line + ";";
        if (line == "two") open.hang_up();
    }
    EXPECT_EQ(received, "one;two;");
}

TEST_F(OnThreads, ThreadHasItsNameInTheListAndInTheKernel) {
    std::string during;
    std::array<char, 16> kernel_name{};
    thread one("speaker", [&] {
        during = list_tasks("threads");
        ::pthread_getname_np(::pthread_self(), kernel_name.data(), kernel_name.size());
    });
    one.join();
    EXPECT_EQ(during, "1 threads: 1 speaker");
    EXPECT_STREQ(kernel_name.data(), "speaker");
    EXPECT_EQ(list_tasks("threads"), "0 threads");
}

TEST_F(OnThreads, ThreadWaitsForAChannelAsAPlainThread) {
    thread one("speaker", [] { EXPECT_TRUE(plain_thread); });
    one.join();
    EXPECT_FALSE(plain_thread);
}

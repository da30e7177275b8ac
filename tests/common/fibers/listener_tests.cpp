#include "common/fibers.hpp"

#include <gtest/gtest.h>

#include <unistd.h>

#include <array>
#include <boost/asio.hpp>
#include <boost/fiber/operations.hpp>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <list>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "common/net/connecting.hpp"
#include "tests/common/fibers/on_fibers.hpp"

using namespace rendezvous;
using namespace rendezvous::fibers;

namespace {

struct room {
    explicit room(asio::io_context& io)
        : acceptor(io, tcp::endpoint(asio::ip::address_v4::loopback(), 0)), peer(io) {
        peer.connect(acceptor.local_endpoint());
        auto socket = acceptor.accept();
        socket.non_blocking(true);
        conn.emplace(std::move(socket), "a client", open);
    }
    connections open;
    tcp::acceptor acceptor;
    tcp::socket peer;
    std::optional<connection> conn;
};

}  // namespace

TEST(WriteLine, WritesTheTextAndANewline) {
    on_fibers([](auto io) {
        room r(*io);
        error_code ec;
        write_line(*r.conn, "hello", ec);
        write_line(*r.conn, "", ec);
        EXPECT_FALSE(ec);
        r.conn->shutdown(tcp::socket::shutdown_send);
        std::string received;
        asio::read(r.peer, asio::dynamic_buffer(received), ec);
        EXPECT_EQ(received, "hello\n\n");
    });
}

// Megabytes do not fit into the kernel's buffers: the writer must wait, and drop nothing.
TEST(WriteLine, WaitsForASlowReaderAndDropsNothing) {
    on_fibers([](auto io) {
        room r(*io);
        constexpr int count = 200;
        const std::string text(65'535, 'x');
        fiber writer("writer", [&] {
            error_code ec;
            for (int i = 0; i < count; ++i) write_line(*r.conn, text, ec);
            EXPECT_FALSE(ec);
            r.conn->shutdown(tcp::socket::shutdown_send);
        });
        std::string received;
        error_code ec;
        asio::async_read(r.peer, asio::dynamic_buffer(received), use_fiber[ec]);
        writer.join();
        std::string expected;
        for (int i = 0; i < count; ++i) expected += text + '\n';
        EXPECT_TRUE(received == expected);
    });
}

TEST(WriteLine, WaitingWriterGetsAnErrorWhenTheListenerHangsUp) {
    on_fibers([](auto io) {
        room r(*io);
        error_code ec;
        fiber hang_up("hang_up", [&] { r.open.hang_up(); });
        const std::string text(65'535, 'x');
        while (!ec)
            write_line(*r.conn, text,
                       ec);  // the peer never reads, so the write suspends and hang_up runs
        EXPECT_TRUE(ec);
        hang_up.join();
    });
}

TEST(WriteLine, WaitingWriterGetsAnErrorAtAReset) {
    on_fibers([](auto io) {
        room r(*io);
        error_code ec;
        fiber reset("reset", [&] {
            r.peer.set_option(asio::socket_base::linger(true, 0));
            r.peer.close();
        });
        const std::string text(65'535, 'x');
        while (!ec) write_line(*r.conn, text, ec);
        EXPECT_TRUE(ec);
        reset.join();
    });
}

// Two requests are in the pipe: the handler of the first starts a second read, which is complete at
// once, so its handler is in the loop's queue, with no error, when the listener is destroyed.
TEST(Listener, HandlerThatRunsAfterTheListenerIsGoneDoesNotTouchIt) {
    std::thread([] {
        std::signal(SIGQUIT, SIG_DFL);
        testing::internal::CaptureStdout();
        testing::internal::CaptureStderr();
        std::optional<listener> tcp_listener(std::in_place, address{"127.0.0.1", 0});

        // Only a connection knows the listener's loop.
        asio::io_context other;
        tcp::socket peer(other);
        const auto where = tcp_listener->endpoint();
        peer.connect({asio::ip::address_v4::loopback(),
                      static_cast<std::uint16_t>(std::stoi(where.substr(where.rfind(':') + 1)))});
        auto conn = tcp_listener->accept();
        auto& io = static_cast<asio::io_context&>(
            asio::query(conn->get_executor(), asio::execution::context));
        conn.reset();

        std::array<int, 2> ends{};
        ASSERT_EQ(::pipe(ends.data()), 0);
        asio::posix::stream_descriptor wakes(io, ends[0]);
        fiber destroyer("destroyer", [&] {
            char byte;
            asio::async_read(wakes, asio::buffer(&byte, 1), use_fiber);
            tcp_listener.reset();
        });
        boost::this_fiber::yield();

        std::raise(SIGQUIT);
        std::raise(SIGQUIT);
        ASSERT_EQ(::write(ends[1], "x", 1), 1);
        destroyer.join();
        boost::this_fiber::sleep_for(std::chrono::milliseconds(1));  // the loop empties its queue
        ::close(ends[1]);

        testing::internal::GetCapturedStdout();
        EXPECT_EQ(testing::internal::GetCapturedStderr(), "1 fibers: 1 destroyer\n")
            << "the first request is answered, and the second comes too late";
    }).join();
}

TEST(Fiber, IsOnTheListWhileItRuns) {
    on_fibers([](auto) {
        std::string during;
        fiber one("sleeper", [&] { during = list_tasks("fibers"); });
        one.join();
        EXPECT_EQ(during, "1 fibers: 1 sleeper");
        EXPECT_EQ(list_tasks("fibers"), "0 fibers");
    });
}

// And it lets the other fibers run in between.
TEST(Listener, AcceptsTheClientsThatWaitInFewTurnsOfTheLoop) {
    std::thread([] {
        constexpr int many = 200;
        listener listener({"127.0.0.1", 0});
        const auto colon = listener.endpoint().rfind(':');
        const auto port = std::stoi(listener.endpoint().substr(colon + 1));
        asio::io_context io;
        std::vector<tcp::socket> clients;
        for (int i = 0; i < many; ++i)
            clients.push_back(connect(io, {"127.0.0.1", static_cast<std::uint16_t>(port)}));

        int accepted = 0;
        std::set<int> turns;  // how many had been accepted whenever other fibers ran
        std::list<fiber> handlers;
        std::list<connection> open;
        while (accepted < many) {
            open.push_back(*listener.accept());
            ++accepted;
            handlers.emplace_back("handler", [&] { turns.insert(accepted); });
        }
        for (auto& one : handlers) one.join();
        EXPECT_GE(turns.size(), 3u);
        EXPECT_LE(turns.size(), 10u);
    }).join();
}

#include "common/threads/lines.hpp"

#include <gtest/gtest.h>

#include <thread>

#include "tests/common/net/last_line.hpp"

using namespace rendezvous;
using namespace rendezvous::threads;

namespace {

class LastLine : public testing::TestWithParam<way_to_end> {
protected:
    void read_all() {
        for (auto& line : lines(*it.conn)) came.push_back(line);
    }
    asio::io_context io;
    last_line it{io, write_line};
    std::vector<std::string> came;
};

}  // namespace

TEST_P(LastLine, IsReadAfterTheConnectionHasEnded) {
    GetParam().happens(it);
    read_all();
    EXPECT_EQ(came, GetParam().lines);
}

TEST_P(LastLine, IsReadWhileTheConnectionEnds) {
    std::thread reader([&] { read_all(); });
    GetParam().happens(it);
    reader.join();
    EXPECT_EQ(came, GetParam().lines);
}

INSTANTIATE_TEST_SUITE_P(When, LastLine, testing::ValuesIn(ways_to_end()),
                         [](const auto& row) { return row.param.name; });

// Between the kernel's answer to a writer and the writer's note a reader must not ask.
TEST(Lines, ReaderWaitsForAWriterThatIsReceivingAReset) {
    asio::io_context io;
    last_line it(io, write_line);
    it.client_says_bye();
    it.client_resets();
    it.wait_for(TCP_CLOSE);

    auto lock = it.conn->lock_for_writing();
    error_code ec;
    asio::write(*it.conn, asio::buffer("x", 1), ec);
    std::vector<std::string> came;
    std::thread reader([&] {
        for (auto& line : lines(*it.conn)) came.push_back(line);
    });
    std::this_thread::sleep_for(std::chrono::milliseconds(20));  // in which it must not have asked
    it.conn->note_write(ec);
    lock.unlock();
    reader.join();
    EXPECT_EQ(ec, asio::error::connection_reset);
    EXPECT_TRUE(came.empty());
}

// A client may half-close and not read: its writer then waits, with the lock, and the reader must
// not wait for the writer.
TEST(Lines, HalfCloseIsReadWhileAWriterWaits) {
    asio::io_context io;
    last_line it(io, write_line);
    it.client_says_bye();
    it.client.shutdown(tcp::socket::shutdown_send);
    it.wait_for(TCP_CLOSE_WAIT);

    const auto writing = it.conn->lock_for_writing();
    std::vector<std::string> came;
    for (auto& line : lines(*it.conn)) came.push_back(line);
    EXPECT_EQ(came, std::vector<std::string>{"bye"});
}

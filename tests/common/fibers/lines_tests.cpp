#include "common/fibers/lines.hpp"

#include <gtest/gtest.h>

#include <boost/fiber/operations.hpp>

#include "common/fibers/fiber.hpp"
#include "tests/common/fibers/on_fibers.hpp"
#include "tests/common/net/last_line.hpp"

using namespace rendezvous;
using namespace rendezvous::fibers;

namespace {

class LastLine : public testing::TestWithParam<way_to_end> {
protected:
    void read_all(last_line& it) {
        for (auto& line : lines(*it.conn)) came.push_back(line);
    }
    std::vector<std::string> came;
};

}  // namespace

TEST_P(LastLine, IsReadAfterTheConnectionHasEnded) {
    on_fibers([this](auto io) {
        last_line it(*io, write_line);
        it.conn->non_blocking(true);
        GetParam().happens(it);
        read_all(it);
    });
    EXPECT_EQ(came, GetParam().lines);
}

TEST_P(LastLine, IsReadByAFiberThatWaitsForItAlready) {
    on_fibers([this](auto io) {
        last_line it(*io, write_line);
        it.conn->non_blocking(true);
        fiber reader("reader", [&] { read_all(it); });
        boost::this_fiber::yield();
        GetParam().happens(it);
        reader.join();
    });
    EXPECT_EQ(came, GetParam().lines);
}

INSTANTIATE_TEST_SUITE_P(When, LastLine, testing::ValuesIn(ways_to_end()),
                         [](const auto& row) { return row.param.name; });

// A writer that waits, and a reader that waits: the reset is told to the writer, and the reader is
// the one that has to know.
TEST(Lines, ResetReportedToAWaitingWriterCutsOffTheLastLine) {
    on_fibers([](auto io) {
        last_line it(*io, write_line);
        it.conn->non_blocking(true);
        error_code ec;
        fiber writer("writer", [&] {
            const std::string text(65'535, 'x');
            while (!ec) write_line(*it.conn, text, ec);  // until no buffer takes more
        });
        std::vector<std::string> came;
        fiber reader("reader", [&] {
            for (auto& line : lines(*it.conn)) came.push_back(line);
        });
        boost::this_fiber::yield();
        it.client_says_bye();
        it.client_resets();
        writer.join();
        reader.join();
        EXPECT_EQ(ec, asio::error::connection_reset);
        EXPECT_TRUE(came.empty());
    });
}

#include "common/fibers/use_fiber.hpp"

#include <gtest/gtest.h>

#include <boost/asio.hpp>
#include <boost/fiber/operations.hpp>
#include <chrono>
#include <tuple>
#include <type_traits>

#include "common/fibers/fiber.hpp"
#include "tests/common/fibers/on_fibers.hpp"

using namespace std::chrono_literals;
using namespace rendezvous::fibers;
namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

struct connected_pair {
    explicit connected_pair(asio::io_context& io) : here(io), there(io) {
        tcp::acceptor acceptor(io, tcp::endpoint(asio::ip::address_v4::loopback(), 0));
        here.connect(acceptor.local_endpoint());
        there = acceptor.accept();
    }
    tcp::socket here, there;
};

// An operation that completes at once, with the given values.
template <class Signature, class... Values>
auto complete_with(asio::io_context& io, Values... values) {
    return asio::async_initiate<const use_fiber_t, Signature>(
        [&io](auto handler, Values... results) {
            asio::post(io,
                       [handler = std::move(handler), ... results = std::move(results)]() mutable {
                           std::move(handler)(std::move(results)...);
                       });
        },
        use_fiber, std::move(values)...);
}

}  // namespace

TEST(UseFiber, ReturnsTheResultOfTheOperation) {
    on_fibers([](auto io) {
        connected_pair pair(*io);
        asio::write(pair.there, asio::buffer("hello", 5));
        char bytes[16];
        EXPECT_EQ(pair.here.async_read_some(asio::buffer(bytes), use_fiber), 5u);
    });
}

TEST(UseFiber, LetsOtherFibersRunMeanwhile) {
    on_fibers([](auto io) {
        connected_pair pair(*io);
        bool written = false;
        fiber writer("writer", [&] {
            written = true;
            asio::async_write(pair.there, asio::buffer("x", 1), use_fiber);
        });
        char byte;
        pair.here.async_read_some(asio::buffer(&byte, 1), use_fiber);
        EXPECT_TRUE(written);
        writer.join();
    });
}

TEST(UseFiber, StoresTheErrorWhereItIsAsked) {
    on_fibers([](auto io) {
        connected_pair pair(*io);
        pair.there.close();
        char byte;
        error_code ec;
        EXPECT_EQ(pair.here.async_read_some(asio::buffer(&byte, 1), use_fiber[ec]), 0u);
        EXPECT_EQ(ec, asio::error::eof);
    });
}

TEST(UseFiber, ClearsTheErrorOfAnEarlierOperation) {
    on_fibers([](auto io) {
        error_code ec = asio::error::eof;
        asio::steady_timer timer(*io, 1ms);
        timer.async_wait(use_fiber[ec]);
        EXPECT_FALSE(ec);
    });
}

TEST(UseFiber, ThrowsWithoutAPlaceForTheError) {
    on_fibers([](auto io) {
        connected_pair pair(*io);
        pair.there.close();
        char byte;
        EXPECT_THROW(pair.here.async_read_some(asio::buffer(&byte, 1), use_fiber),
                     boost::system::system_error);
    });
}

TEST(UseFiber, ReturnsNothingAValueOrATuple) {
    on_fibers([](auto io) {
        using nothing = void(error_code);
        using number = void(error_code, int);
        using both = void(error_code, int, std::string);
        static_assert(std::is_void_v<decltype(complete_with<nothing>(*io, error_code{}))>);
        complete_with<nothing>(*io, error_code{});
        EXPECT_EQ(complete_with<number>(*io, error_code{}, 7), 7);
        EXPECT_EQ(complete_with<both>(*io, error_code{}, 7, std::string("seven")),
                  std::tuple(7, std::string("seven")));
    });
}

TEST(UseFiber, CancelledOperationReturnsAnError) {
    on_fibers([](auto io) {
        asio::steady_timer timer(*io, 1h);
        fiber canceller("canceller", [&] { timer.cancel(); });
        error_code ec;
        timer.async_wait(use_fiber[ec]);
        EXPECT_EQ(ec, asio::error::operation_aborted);
        canceller.join();
    });
}

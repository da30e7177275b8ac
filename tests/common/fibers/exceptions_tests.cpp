#include "common/fibers/exceptions.hpp"

#include <gtest/gtest.h>

#include <boost/asio/post.hpp>
#include <boost/fiber/operations.hpp>
#include <exception>
#include <stdexcept>
#include <string>
#include <vector>

#include "common/channel/channel.hpp"
#include "common/fibers/fiber.hpp"
#include "tests/common/fibers/on_fibers.hpp"

using namespace rendezvous;
using namespace rendezvous::fibers;
namespace asio = boost::asio;
namespace this_fiber = boost::this_fiber;

namespace {

// The number that is being handled here, or 0.
int in_hand() {
    if (!std::current_exception()) return 0;
    try {
        throw;
    } catch (int number) {
        return number;
    }
}

// Runs `body` while an exception destroys it.
template <class F>
struct at_the_end {
    F body;
    ~at_the_end() { body(); }
};
template <class F>
at_the_end(F) -> at_the_end<F>;

}  // namespace

TEST(Exceptions, StayWithTheFiberThatWaitsInACatchBlock) {
    on_fibers([](auto) {
        int alices = 0, bobs = 0;
        const auto handle = [](int number, int& seen) {
            try {
                throw number;
            } catch (int) {
                this_fiber::yield();
                seen = in_hand();
            }
        };
        fiber alice("alice", [&] { handle(1, alices); });
        fiber bob("bob", [&] { handle(2, bobs); });
        alice.join();  // first in, first out: the runtime's list of exceptions is a stack
        bob.join();
        EXPECT_EQ(alices, 1);
        EXPECT_EQ(bobs, 2);
    });
}

TEST(Exceptions, AreRethrownByTheFiberThatCaughtThem) {
    on_fibers([](auto) {
        int alices = 0, bobs = 0;
        const auto rethrow = [](int number, int& seen) {
            try {
                try {
                    throw number;
                } catch (...) {
                    this_fiber::yield();
                    throw;
                }
            } catch (int caught) {
                seen = caught;
            }
        };
        fiber alice("alice", [&] { rethrow(1, alices); });
        fiber bob("bob", [&] { rethrow(2, bobs); });
        alice.join();
        bob.join();
        EXPECT_EQ(alices, 1);
        EXPECT_EQ(bobs, 2);
    });
}

TEST(Exceptions, AreUncaughtOnlyForTheFiberThatWaitsInADestructor) {
    on_fibers([](auto) {
        std::vector<int> throwers, others;
        channel<int> hold;
        fiber thrower("thrower", [&] {
            try {
                const at_the_end waits{[&] {
                    throwers.push_back(std::uncaught_exceptions());
                    hold.receive();
                    throwers.push_back(std::uncaught_exceptions());
                }};
                throw 1;
            } catch (int) {
                throwers.push_back(std::uncaught_exceptions());
            }
        });
        fiber other("other", [&] {
            others.push_back(std::uncaught_exceptions());
            try {
                throw 2;
            } catch (int) {
                others.push_back(std::uncaught_exceptions());
            }
        });
        other.join();
        hold.close();
        thrower.join();
        EXPECT_EQ(others, (std::vector{0, 0}));
        EXPECT_EQ(throwers, (std::vector{1, 1, 0}));
    });
}

// The thread's own stack is a fiber, too, and so is the dispatcher, on which handlers run.
TEST(Exceptions, OfTheMainFiberAreSeenNeitherByAFiberThatEndsNorByAHandler) {
    on_fibers([](auto io) {
        int fibers = -1, handlers = -1, mains = -1;
        try {
            throw 1;
        } catch (int) {
            fiber ends("ends", [&] { fibers = in_hand(); });
            ends.join();
            channel<int> handled;
            asio::post(*io, [&] {
                handlers = in_hand();
                handled.close();
            });
            handled.receive();
            mains = in_hand();
        }
        EXPECT_EQ(fibers, 0);
        EXPECT_EQ(handlers, 0);
        EXPECT_EQ(mains, 1);
        EXPECT_EQ(in_hand(), 0);
    });
}

TEST(Exceptions, MayOutliveTheirFiber) {
    on_fibers([](auto) {
        std::exception_ptr kept, dropped;
        const auto store = [](const char* text, std::exception_ptr& where) {
            try {
                throw std::runtime_error(text);
            } catch (...) {
                this_fiber::yield();
                where = std::current_exception();
            }
        };
        fiber first("first", [&] { store("kept", kept); });
        fiber second("second", [&] { store("dropped", dropped); });
        first.join();
        second.join();
        dropped = nullptr;
        try {
            std::rethrow_exception(kept);
        } catch (const std::runtime_error& error) {
            EXPECT_STREQ(error.what(), "kept");
        }
    });
}

TEST(Exceptions, OfAThousandFibersAreToldApart) {
    on_fibers([](auto) {
        constexpr int many = 1000;
        channel<int> hold;
        int right = 0;
        std::vector<fiber> all;
        for (int i = 1; i <= many; ++i)
            all.emplace_back("waits", [&, i] {
                try {
                    throw i;
                } catch (int) {
                    hold.receive();
                    for (int turn = 0; turn < i % 3; ++turn) this_fiber::yield();
                    right += in_hand() == i;
                }
            });
        this_fiber::yield();
        hold.close();
        for (auto& one : all) one.join();
        EXPECT_EQ(right, many);
    });
}

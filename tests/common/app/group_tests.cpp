// A group of threads and a group of fibers share one piece of code and keep the same promises.
#include "common/app/group.hpp"

#include <gmock/gmock.h>

#include <atomic>
#include <boost/asio.hpp>
#include <cstdlib>
#include <limits>
#include <new>
#include <stdexcept>

#include "common/channel/channel.hpp"
#include "common/fibers/fiber.hpp"
#include "common/fibers/scheduler.hpp"
#include "common/threads/thread.hpp"

using namespace rendezvous;
using testing::HasSubstr;

namespace {

constexpr auto no_limit = std::numeric_limits<std::size_t>::max();
thread_local std::size_t granted = no_limit;  // allocations, until there is no memory left

// For as long as it lives, and for this thread.
struct memory_limit {
    explicit memory_limit(std::size_t allocations) { granted = allocations; }
    ~memory_limit() { granted = no_limit; }
};

}  // namespace

// Not inline, or GCC takes malloc() and operator delete for a pair that does not match.
[[gnu::noinline]] void* operator new(std::size_t size) {
    if (granted == 0) throw std::bad_alloc();
    if (granted < no_limit) --granted;
    if (void* const memory = std::malloc(size)) return memory;
    throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace {

struct on_threads {
    using task = threads::thread;
    static void run(const std::function<void()>& body) { body(); }
};

struct on_fibers {
    using task = fibers::fiber;
    static void run(const std::function<void()>& body) {
        std::thread([&] {
            const auto io = fibers::use_fibers();
            body();
        }).join();
    }
};

// A task that cannot be started.
struct refused {
    refused() = default;
    template <class F>
    refused(const char* name, F) {
        throw start_error(name, std::runtime_error("no more"));
    }
    bool joinable() const { return false; }
    void join() {}
};

template <class Substrate>
struct Group : testing::Test {
    using group = basic_group<typename Substrate::task>;

    asio::io_context io;
    connections open;
    tcp::acceptor acceptor{io, tcp::endpoint(asio::ip::address_v4::loopback(), 0)};
    std::vector<tcp::socket> peers;

    connection connect() {
        peers.emplace_back(io).connect(acceptor.local_endpoint());
        return {acceptor.accept(), "a client", open};
    }
    static std::string heard(tcp::socket& peer, std::size_t size) {
        std::string bytes(size, '\0');
        asio::read(peer, asio::buffer(bytes));
        return bytes;
    }
    static bool hung_up(tcp::socket& peer) {
        char byte;
        error_code ec;
        peer.read_some(asio::buffer(&byte, 1), ec);
        return ec == asio::error::eof;
    }
};

using Substrates = testing::Types<on_threads, on_fibers>;
TYPED_TEST_SUITE(Group, Substrates);

}  // namespace

TYPED_TEST(Group, IsJoinedAtItsEnd) {
    TypeParam::run([this] {
        std::atomic<int> handled{0};
        {
            typename TestFixture::group clients;
            for (int i = 0; i < 20; ++i)
                clients.spawn(
                    "handler", [&](connection) { ++handled; }, this->connect());
        }
        EXPECT_EQ(handled, 20);
    });
}

TYPED_TEST(Group, ClosesTheConnectionOfAClientThatLeavesWhileOthersStay) {
    TypeParam::run([this] {
        channel<int> hold;
        typename TestFixture::group clients;
        clients.spawn(
            "waits", [&](connection) { hold.receive(); }, this->connect());
        channel<int> ended;
        clients.spawn(
            "ends", [&](connection) { ended.send(1); }, this->connect());
        ended.receive();
        // Each task that ends joins the one before, so the second shows that the first is gone.
        clients.spawn(
            "ends", [&](connection) { ended.send(2); }, this->connect());
        ended.receive();
        hold.send(0);
        clients.join();
        for (auto& peer : this->peers) EXPECT_TRUE(this->hung_up(peer));
    });
}

TYPED_TEST(Group, KeepsAtMostOneTaskThatHasEnded) {
    TypeParam::run([this] {
        channel<int> ended;  // unbuffered: receive() returns when the sender is done, too
        typename TestFixture::group clients;
        for (int i = 0; i < 2000; ++i) {  // unjoined threads would use up the memory maps
            clients.spawn(
                "ends", [&](connection) { ended.send(1); }, this->connect());
            ended.receive();
            this->peers.clear();
        }
        SUCCEED();
    });
}

TYPED_TEST(Group, ExceptionEndsOneClientAndIsReported) {
    TypeParam::run([this] {
        testing::internal::CaptureStderr();
        {
            typename TestFixture::group clients;
            clients.spawn(
                "handler", [](connection) { throw std::runtime_error("out of luck"); },
                this->connect());
        }
        // AddressSanitizer may remark on an exception that crosses a fiber's stack.
        EXPECT_THAT(testing::internal::GetCapturedStderr(),
                    HasSubstr("handler of a client: out of luck\n"));
        EXPECT_TRUE(this->hung_up(this->peers.front()));
    });
}

TYPED_TEST(Group, ClientWhoseTaskCannotBeStartedIsToldWhy) {
    testing::internal::CaptureStderr();
    basic_group<refused> clients;
    clients.spawn(
        "handler", [](connection) { FAIL(); }, this->connect());
    EXPECT_EQ(testing::internal::GetCapturedStderr(),
              "cannot start handler: no more (for a client)\n");
    EXPECT_EQ(this->heard(this->peers.front(), 30), "cannot start handler: no more\n");
    EXPECT_TRUE(this->hung_up(this->peers.front()));
}

// As when handle_client has been started, and its client_writer cannot be.
TYPED_TEST(Group, ClientWhoseHandlerCannotStartATaskIsToldWhy) {
    TypeParam::run([this] {
        testing::internal::CaptureStderr();
        {
            typename TestFixture::group clients;
            clients.spawn(
                "handler",
                [](connection) { [[maybe_unused]] refused writer("client_writer", [] {}); },
                this->connect());
        }
        EXPECT_THAT(testing::internal::GetCapturedStderr(),
                    HasSubstr("cannot start client_writer: no more (for a client)\n"));
        EXPECT_EQ(this->heard(this->peers.front(), 36), "cannot start client_writer: no more\n");
        EXPECT_TRUE(this->hung_up(this->peers.front()));
    });
}

// What a client has sent before it is refused must not turn the end of its connection into a reset.
TYPED_TEST(Group, ClientThatHasAlreadySpokenIsToldWhy) {
    auto conn = this->connect();
    asio::write(this->peers.front(), asio::buffer("hello\n", 6));
    basic_group<refused> clients;
    clients.spawn(
        "handler", [](connection) { FAIL(); }, std::move(conn));
    EXPECT_EQ(this->heard(this->peers.front(), 30), "cannot start handler: no more\n");
    EXPECT_TRUE(this->hung_up(this->peers.front()));
}

TYPED_TEST(Group, WithoutMemoryOneClientIsRefusedAndToldWhy) {
    TypeParam::run([this] {
        std::atomic<bool> handled = false;
        const auto spawn = [&](std::size_t allocations) {
            typename TestFixture::group clients;
            auto conn = this->connect();
            const memory_limit limit(allocations);
            clients.spawn(
                "handler", [&](connection) { handled = true; }, std::move(conn));
        };
        const std::string told = "cannot start handler: Cannot allocate memory";
        for (std::size_t allocations = 0; !handled; ++allocations) {
            testing::internal::CaptureStderr();
            EXPECT_NO_THROW(spawn(allocations));
            const auto said = testing::internal::GetCapturedStderr();
            if (handled) {
                EXPECT_GT(allocations, 0u) << "its place in the group is at least one allocation";
            } else {
                ASSERT_EQ(said, told + " (for a client)\n");
                EXPECT_EQ(this->heard(this->peers.back(), told.size() + 1), told + '\n');
                EXPECT_TRUE(this->hung_up(this->peers.back()));
            }
        }
    });
}

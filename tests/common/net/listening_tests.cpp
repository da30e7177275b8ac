#include "common/net/listening.hpp"

#include <gmock/gmock.h>

#include <stdexcept>

#include "common/net/peer_name.hpp"

using namespace std::chrono_literals;
using namespace rendezvous;
using boost::asio::io_context;
using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;
using testing::ThrowsMessage;

TEST(Listening, TakesAFreePortForPortZero) {
    io_context io;
    const auto acceptor = listen(io, {"127.0.0.1", 0});
    EXPECT_NE(acceptor.local_endpoint().port(), 0);
}

TEST(Listening, PrefersIPv4ForAHostThatHasBoth) {
    io_context io;
    EXPECT_THAT(to_string(listen(io, {"localhost", 0}).local_endpoint()), StartsWith("127.0.0.1:"));
}

TEST(Listening, SaysThatAPortIsInUseAndTriesNoOtherAddress) {
    io_context io;
    const auto first = listen(io, {"localhost", 0});
    const auto port = first.local_endpoint().port();
    EXPECT_THAT(
        [&] {
            listen(io, {"localhost", port});
        },
        ThrowsMessage<std::runtime_error>("cannot listen on 127.0.0.1:" + std::to_string(port) +
                                          ": Address already in use"));
}

TEST(Listening, NamesAHostThatCannotBeResolved) {
    io_context io;
    EXPECT_THAT(
        [&] {
            listen(io, {"no.such.host.invalid", 8000});
        },
        ThrowsMessage<std::runtime_error>(StartsWith("cannot resolve no.such.host.invalid: ")));
}

TEST(Listening, SaysThatTheMachineLacksAnAddress) {
    io_context io;
    EXPECT_THAT(
        [&] {
            listen(io, {"192.0.2.1", 8000});
        },  // an address for documentation only
        ThrowsMessage<std::runtime_error>(AllOf(StartsWith("cannot listen on 192.0.2.1:8000: "),
                                                HasSubstr("Cannot assign requested address"))));
}

TEST(AcceptTrouble, IsPrintedOnceAndDoublesTheWaitUpToASecond) {
    testing::internal::CaptureStderr();
    accept_trouble trouble;
    const auto why = make_error_code(boost::system::errc::too_many_files_open);
    EXPECT_EQ(trouble.failed(why), 5ms);
    EXPECT_EQ(trouble.failed(why), 10ms);
    for (int more = 0; more < 8; ++more) trouble.failed(why);
    EXPECT_EQ(trouble.failed(why), 1000ms);
    EXPECT_EQ(testing::internal::GetCapturedStderr(), "cannot accept: Too many open files\n");
}

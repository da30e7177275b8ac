#include "common/app/signals.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <optional>
#include <thread>

using rendezvous::signals;

namespace {

// Whatever started the tests may ignore signals; a test begins as a program on a terminal does.
void forget_the_handlers() {
    for (const int signal : {SIGINT, SIGTERM, SIGQUIT}) std::signal(signal, SIG_DFL);
}

char next_request(const signals& s) {
    pollfd readable{s.descriptor(), POLLIN, 0};
    ::poll(&readable, 1, 10'000);
    char request = '?';
    [[maybe_unused]] const auto size = ::read(s.descriptor(), &request, 1);
    return request;
}

bool has_request(const signals& s) {
    pollfd readable{s.descriptor(), POLLIN, 0};
    return ::poll(&readable, 1, 0) == 1;
}

}  // namespace

// Each test has a process of its own (a death test), because a signal is for the whole process.
TEST(SignalsDeathTest, FirstSignalAsksToStopAndTheSecondEndsTheProgram) {
    for (const int signal : {SIGINT, SIGTERM}) {
        const auto first_then_second = [signal] {
            forget_the_handlers();
            const signals s;
            std::raise(signal);
            if (next_request(s) != signals::stop) ::_exit(99);
            std::raise(SIGTERM);
        };
        EXPECT_EXIT(first_then_second(), testing::ExitedWithCode(1), "");
    }
}

TEST(SignalsDeathTest, EverySigquitAsksForTheListOfTasks) {
    const auto ask_twice = [] {
        forget_the_handlers();
        const signals s;
        std::raise(SIGQUIT);
        std::raise(SIGQUIT);
        const bool both = next_request(s) == signals::list && next_request(s) == signals::list;
        ::_exit(both ? 0 : 99);
    };
    EXPECT_EXIT(ask_twice(), testing::ExitedWithCode(0), "");
}

TEST(SignalsDeathTest, SecondCtrlCEndsTheProgramEvenAfterTheObjectIsGone) {
    const auto late = [] {
        forget_the_handlers();
        {
            const signals s;
            std::raise(SIGINT);
        }
        std::raise(SIGINT);
    };
    EXPECT_EXIT(late(), testing::ExitedWithCode(1), "");
}

TEST(SignalsDeathTest, EveryObjectGetsEveryRequest) {
    const auto two = [] {
        forget_the_handlers();
        const signals first;
        std::optional<signals> second(std::in_place);
        std::raise(SIGQUIT);
        if (next_request(first) != signals::list) ::_exit(97);
        if (next_request(*second) != signals::list) ::_exit(98);
        second.reset();
        std::raise(SIGINT);
        ::_exit(next_request(first) == signals::stop ? 0 : 99);
    };
    EXPECT_EXIT(two(), testing::ExitedWithCode(0), "");
}

TEST(SignalsDeathTest, WakingOneObjectLeavesTheOthersAlone) {
    const auto wake_one = [] {
        forget_the_handlers();
        signals first;
        const signals second;
        first.wake();
        ::_exit(next_request(first) == signals::none && !has_request(second) ? 0 : 99);
    };
    EXPECT_EXIT(wake_one(), testing::ExitedWithCode(0), "");
}

// The numbers of the closed pipe go to the next one: a handler on another thread that had read such
// a number would write into what a stranger opens.
TEST(SignalsDeathTest, HandlerOnAnotherThreadDoesNotWriteIntoWhatIsOpenedLater) {
    const auto race = [] {
        forget_the_handlers();
        const signals installs_the_handlers;
        std::atomic<bool> over{false};
        std::thread sender([&] {
            while (!over) std::raise(SIGQUIT);
        });
        bool hit = false;
        for (int i = 0; i < 20'000 && !hit; ++i) {
            { const signals passing; }
            int ends[2];
            if (::pipe2(ends, O_NONBLOCK) != 0) ::_exit(98);
            std::this_thread::yield();
            char byte;
            hit = ::read(ends[0], &byte, 1) > 0;
            ::close(ends[0]);
            ::close(ends[1]);
        }
        over = true;
        sender.join();
        ::_exit(hit ? 99 : 0);
    };
    EXPECT_EXIT(race(), testing::ExitedWithCode(0), "");
}

TEST(SignalsDeathTest, SignalIgnoredAtTheStartStaysIgnoredExceptSigterm) {
    const auto in_the_background = [] {
        for (const int signal : {SIGINT, SIGTERM, SIGQUIT}) std::signal(signal, SIG_IGN);
        const signals s;
        std::raise(SIGINT);
        std::raise(SIGQUIT);
        if (has_request(s)) ::_exit(98);
        std::raise(SIGTERM);
        ::_exit(next_request(s) == signals::stop ? 0 : 99);
    };
    EXPECT_EXIT(in_the_background(), testing::ExitedWithCode(0), "");
}

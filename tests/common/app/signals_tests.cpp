#include "common/app/signals.hpp"

#include <gtest/gtest.h>
#include <poll.h>
#include <unistd.h>

#include <csignal>

using rendezvous::signals;

namespace {

char next_request(const signals& s) {
    pollfd readable{s.descriptor(), POLLIN, 0};
    ::poll(&readable, 1, 10'000);
    char request = '?';
    [[maybe_unused]] const auto size = ::read(s.descriptor(), &request, 1);
    return request;
}

}  // namespace

// Each in a process of its own (a death test), for a signal is for the whole process.
TEST(SignalsDeathTest, AskToStopOnceAndEndTheProgramTheSecondTime) {
    for (const int signal : {SIGINT, SIGTERM}) {
        const auto first_then_second = [signal] {
            const signals s;
            std::raise(signal);
            if (next_request(s) != signals::stop) ::_exit(99);
            std::raise(SIGTERM);
        };
        EXPECT_EXIT(first_then_second(), testing::ExitedWithCode(1), "");
    }
}

TEST(SignalsDeathTest, SigquitAsksWhoRunsAsOftenAsOneLikes) {
    const auto ask_twice = [] {
        const signals s;
        std::raise(SIGQUIT);
        std::raise(SIGQUIT);
        const bool both = next_request(s) == signals::list && next_request(s) == signals::list;
        ::_exit(both ? 0 : 99);
    };
    EXPECT_EXIT(ask_twice(), testing::ExitedWithCode(0), "");
}

TEST(SignalsDeathTest, ASecondCtrlCEndsTheProgramEvenAfterTheEndOfTheObject) {
    const auto late = [] {
        {
            const signals s;
            std::raise(SIGINT);
        }
        std::raise(SIGINT);
    };
    EXPECT_EXIT(late(), testing::ExitedWithCode(1), "");
}

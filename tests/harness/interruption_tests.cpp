#include "tests/harness/interruption.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <iostream>

namespace rendezvous::harness {
namespace {

using std::chrono::seconds;
using testing::ExitedWithCode;
using testing::KilledBySignal;

// Each of these ends a process, so each runs in one of its own.
class Interruption : public testing::Test {
protected:
    void SetUp() override { GTEST_FLAG_SET(death_test_style, "threadsafe"); }

    static int say_and_exit_with_7(int signal) {
        std::cerr << "signal " << signal << std::endl;
        return 7;
    }
    [[noreturn]] static int never_finish(int) {
        std::cerr << "finishing" << std::endl;
        for (;;) ::pause();
    }
};

TEST_F(Interruption, FirstInterruptLetsTheRunPrintItsResults) {
    EXPECT_EXIT(
        {
            interruption guard({}, say_and_exit_with_7);
            ::raise(SIGINT);
            interruption::hold_if_begun();
        },
        ExitedWithCode(7), "signal 2");
}

TEST_F(Interruption, SecondInterruptEndsTheRunAtOnce) {
    EXPECT_EXIT(
        {
            interruption guard({}, never_finish);
            ::raise(SIGINT);
            ::raise(SIGINT);
        },
        KilledBySignal(SIGINT), "");
}

TEST_F(Interruption, RunEndsWhenItsTimeIsOver) {
    EXPECT_EXIT(
        {
            interruption guard(seconds(0), say_and_exit_with_7);
            for (;;) ::pause();
        },
        ExitedWithCode(7), "signal 0");
}

TEST_F(Interruption, RunThatHasEndedIsNotInterrupted) {
    EXPECT_EXIT(
        {
            { interruption guard({}, say_and_exit_with_7); }
            ::raise(SIGINT);
        },
        KilledBySignal(SIGINT), "");
}

TEST_F(Interruption, SignalThatTheCallerIgnoresStaysIgnored) {
    EXPECT_EXIT(
        {
            ::signal(SIGHUP, SIG_IGN);  // as nohup does
            { interruption guard({}, say_and_exit_with_7); }
            ::raise(SIGHUP);
            ::_exit(3);
        },
        ExitedWithCode(3), "");
}

}  // namespace
}  // namespace rendezvous::harness

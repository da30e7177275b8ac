#include "common/app/process.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

namespace {

bool is_dev_null(int descriptor) {
    struct stat null {};
    struct stat ours {};
    return ::stat("/dev/null", &null) == 0 && ::fstat(descriptor, &ours) == 0 &&
           ours.st_rdev == null.st_rdev;
}

}  // namespace

// Each test has a process of its own (a death test): it changes what belongs to all of it.
TEST(ProcessDeathTest, OpensMissingStandardDescriptors) {
    for (int missing = 0; missing < 8; ++missing) {  // a bit for each
        const auto start = [missing] {
            const int first_free = ::dup(0);
            ::close(first_free);
            for (int descriptor = 0; descriptor <= 2; ++descriptor)
                if (missing & (1 << descriptor)) ::close(descriptor);
            rendezvous::open_standard_descriptors();
            for (int descriptor = 0; descriptor <= 2; ++descriptor)
                if ((missing & (1 << descriptor)) && !is_dev_null(descriptor)) ::_exit(99);
            if (::dup(0) != first_free) ::_exit(98);  // and nothing else is left open
            ::_exit(0);
        };
        EXPECT_EXIT(start(), testing::ExitedWithCode(0), "") << missing;
    }
}

TEST(ProcessDeathTest, UnblocksTheSignalsThatAskToShutDown) {
    const auto start = [] {
        sigset_t mask;
        sigfillset(&mask);
        ::pthread_sigmask(SIG_SETMASK, &mask, nullptr);
        rendezvous::prepare_process();
        ::pthread_sigmask(SIG_SETMASK, nullptr, &mask);
        for (const int signal : {SIGINT, SIGTERM, SIGQUIT})
            if (sigismember(&mask, signal)) ::_exit(99);
        ::_exit(0);
    };
    EXPECT_EXIT(start(), testing::ExitedWithCode(0), "");
}

TEST(ProcessDeathTest, SurvivesWritingToAPipeWhoseReaderHasGone) {
    const auto start = [] {
        std::signal(SIGPIPE, SIG_DFL);
        rendezvous::prepare_process();
        int ends[2];
        if (::pipe(ends) != 0) ::_exit(98);
        ::close(ends[0]);
        ::_exit(::write(ends[1], "x", 1) == -1 && errno == EPIPE ? 0 : 99);
    };
    EXPECT_EXIT(start(), testing::ExitedWithCode(0), "");
}

TEST(ProcessDeathTest, RaisesTheDescriptorLimitAsFarAsAllowed) {
    const auto start = [] {
        rlimit files{};
        ::getrlimit(RLIMIT_NOFILE, &files);
        files.rlim_cur = 10;
        ::setrlimit(RLIMIT_NOFILE, &files);
        rendezvous::prepare_process();
        ::getrlimit(RLIMIT_NOFILE, &files);
        ::_exit(files.rlim_cur == files.rlim_max ? 0 : 99);
    };
    EXPECT_EXIT(start(), testing::ExitedWithCode(0), "");
}

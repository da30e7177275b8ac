#include "common/app/tasks.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdio>
#include <new>
#include <stdexcept>
#include <string>

#include "common/threads/thread.hpp"

using rendezvous::list_tasks;
using rendezvous::start_error;
using rendezvous::task_name;

TEST(Tasks, AreCountedByName) {
    const task_name main("main"), one("handle_client"), other("handle_client");
    EXPECT_EQ(list_tasks("fibers"), "3 fibers: 2 handle_client, 1 main");
}

TEST(Tasks, LeaveTheListWhenTheyEnd) {
    const task_name main("main");
    { const task_name writer("client_writer"); }
    EXPECT_EQ(list_tasks("threads"), "1 threads: 1 main");
}

TEST(Tasks, StartErrorNamesTheTaskAndTheReason) {
    EXPECT_STREQ(start_error("broadcaster", std::runtime_error("out of luck")).what(),
                 "cannot start broadcaster: out of luck");
    EXPECT_STREQ(start_error("broadcaster", std::bad_alloc()).what(),
                 "cannot start broadcaster: Cannot allocate memory");
}

// In a process of its own (a death test), as a user that may have one thread.
TEST(TasksDeathTest, ThreadThatTheKernelRefusesIsNamed) {
    if (::getuid() != 0) GTEST_SKIP() << "only root can become a user that has no processes yet";
    const auto start_one_too_many = [] {
        const rlimit one{1, 1};
        if (::setrlimit(RLIMIT_NPROC, &one) != 0 || ::setuid(61'234) != 0) ::_exit(99);
        try {
            rendezvous::threads::thread refused("refused", [] {});
            refused.join();
        } catch (const start_error& error) {
            std::fprintf(stderr, "%s\n", error.what());
            ::_exit(0);
        }
        ::_exit(98);
    };
    EXPECT_EXIT(start_one_too_many(), testing::ExitedWithCode(0),
                "^cannot start refused: Resource temporarily unavailable\n$");
}

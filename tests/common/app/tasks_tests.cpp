#include "common/app/tasks.hpp"

#include <gtest/gtest.h>

using rendezvous::list_tasks;
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

#include "common/app/routines.hpp"

#include <gtest/gtest.h>

using rendezvous::list_routines;
using rendezvous::routine_name;

TEST(Routines, AreCountedByName) {
    const routine_name main("main"), one("handle_client"), other("handle_client");
    EXPECT_EQ(list_routines("fibers"), "3 fibers: 2 handle_client, 1 main");
}

TEST(Routines, LeaveTheListWhenTheyEnd) {
    const routine_name main("main");
    { const routine_name writer("client_writer"); }
    EXPECT_EQ(list_routines("threads"), "1 threads: 1 main");
}

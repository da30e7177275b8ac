// What stage 03 promises besides what every chat server does: one room behind
// one mutex.
#include <gmock/gmock.h>

#include <algorithm>
#include <fstream>
#include <string>
#include <vector>

#include "tests/harness/server_test.hpp"

namespace rendezvous::harness {
namespace {

class SharedRoom : public server_test {};

TEST_F(SharedRoom, WithNClientsItIsNPlusTwoThreads) {
    for (std::size_t n = 1; n <= 10; ++n) {
        enter("client " + std::to_string(n));
        EXPECT_EQ(server().program().thread_names().size(), n + 2);
    }
}

// Each function that others may call takes the lock before anything else.
TEST_F(SharedRoom, WhateverTouchesTheClientsHoldsTheLock) {
    std::ifstream in(current_settings().stage_path + "/server.cpp");
    std::string line, before;
    int locks = 0;
    for (; std::getline(in, line); before = line) {
        if (line.find("std::lock_guard lock(mutex_);") == std::string::npos)
            continue;
        ++locks;
        EXPECT_EQ(before.back(), '{') << before;
    }
    EXPECT_EQ(locks, 3);
}

}  // namespace
}  // namespace rendezvous::harness

// What the contracts share.
#pragma once
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/harness/server_test.hpp"
#include "tests/harness/text.hpp"

namespace rendezvous::contracts {

using namespace harness;

inline bool is_echo() { return current_settings().server_kind() == kind::echo; }
inline bool is_foreign() { return !current_settings().as_own(); }

// The one stage that serves one client at a time says so in its manifest.
inline bool serves_many() {
    const auto& stage = current_settings().stage;
    return !stage || stage->holds("many clients");
}

// Where everybody hears everybody the work grows with the square, so that a program that is not one
// of ours, and perhaps not quick, meets a quarter of the crowd.
inline int crowd_size() {
    const int asked = current_settings().crowd;
    return asked ? asked : is_foreign() ? 250 : 1000;
}

inline bool all_have_ended(crowd& all) {
    return std::all_of(all.members().begin(), all.members().end(),
                       [](const auto& one) { return one.ended; });
}

}  // namespace rendezvous::contracts

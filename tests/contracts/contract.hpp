// Helpers that the contracts share.
#pragma once
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <cstdint>

#include "tests/harness/sanitizers.hpp"
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

// Every client receives every other client's line, so the work grows with the square of the crowd.
// A foreign server may be slower than ours, so it gets a quarter of the clients.
inline int crowd_size() {
    const int asked = current_settings().crowd;
    return asked ? asked : is_foreign() ? 250 : 1000;
}

// How much a server may grow, in bytes, while 48 MB or more pass through it: a server that stores
// what it cannot deliver grows by all of it.
inline std::uint64_t flat_growth(const process& server) {
    return memory_is_shadowed(server) ? 24'000'000 : 12'000'000;
}

inline bool all_have_ended(crowd& all) {
    return std::all_of(all.members().begin(), all.members().end(),
                       [](const auto& one) { return one.ended; });
}

// For tests that shut the server down themselves: it must exit with status 0, in time, without a
// complaint from a sanitizer.
class shutdown_test : public server_test {
protected:
    void expect_exit_on(int signal, milliseconds within) {
        server().program().signal(signal);
        expect_exit(signal, within);
    }

    void expect_exit(int signal, milliseconds within);

    static std::string name_of(int signal) { return signal == SIGINT ? "Ctrl-C" : "SIGTERM"; }
};

}  // namespace rendezvous::contracts

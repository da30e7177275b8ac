// What stage 02 promises besides what every echo server does: one thread for
// each client.
#include <gmock/gmock.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/harness/sanitizers.hpp"
#include "tests/harness/server_test.hpp"

namespace rendezvous::harness {
namespace {

class ThreadPerClient : public server_test {
protected:
    // A thread starts shortly after the server has accepted its client, and
    // exits shortly after the client has seen the end.
    void expect_threads_of(std::size_t clients) {
        std::vector<std::string> expected(clients, "handle_client");
        expected.push_back("signals");
        expected.resize(clients + 2 + sanitizer_threads(server().program()),
                        "02-thread-per-c");
        std::sort(expected.begin(), expected.end());
        const auto names = [&] {
            auto all = server().program().thread_names();
            std::sort(all.begin(), all.end());
            return all;
        };
        eventually(10s, [&] { return names() == expected; });
        EXPECT_EQ(names(), expected);
    }
};

TEST_F(ThreadPerClient, ServerHasNPlusTwoThreadsForNClients) {
    expect_threads_of(0);
    std::vector<client*> all;
    for (std::size_t n = 1; n <= 10; ++n) {
        all.push_back(&connect("client " + std::to_string(n)));
        expect_threads_of(n);
    }
    for (auto* one : all) one->close();
    expect_threads_of(0);
}

}  // namespace
}  // namespace rendezvous::harness

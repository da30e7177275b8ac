// The kernel sends what the server writes at once.  By default it holds a small write back until
// the client has acknowledged the previous one (Nagle's algorithm), and a client that has nothing
// to send acknowledges 40 ms late.
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>

#include "tests/contracts/contract.hpp"

namespace rendezvous::contracts {
namespace {

using clock = std::chrono::steady_clock;

// How long the threads of a process were ready to run and got no processor.
std::chrono::nanoseconds starved(pid_t process) {
    std::chrono::nanoseconds sum{0};
    std::error_code gone;
    const auto tasks = "/proc/" + std::to_string(process) + "/task";
    for (const auto& task : std::filesystem::directory_iterator(tasks, gone)) {
        std::uint64_t worked = 0, waited = 0;
        std::ifstream(task.path() / "schedstat") >> worked >> waited;
        sum += std::chrono::nanoseconds(waited);
    }
    return sum;
}

class TurnTaking : public server_test {
protected:
    static constexpr int turns = 100, too_many = 10;
    static constexpr auto late = 30ms;

    // Runs all turns and returns how many were late.  A busy machine makes a turn longer, but not
    // late: the time that the server or this program waited for a processor does not count.  (That
    // of several threads is added up, which can only hide that a turn was late.)
    int count_late(const std::function<void(int)>& turn) {
        const auto pid = server().program().pid();
        const auto starved_by_now = [&] { return starved(pid) + starved(::getpid()); };
        int count = 0;
        for (int i = 0; i < turns; ++i) {
            const auto starved_before = starved_by_now();
            const auto start = clock::now();
            turn(i);
            const auto took = clock::now() - start;
            if (took > late && took - (starved_by_now() - starved_before) > late) ++count;
        }
        return count;
    }

    void expect_prompt(int count, const std::string& what, const std::string& arrives) {
        if (count > too_many)
            talk.fail(what + " took more than 30 ms to " + arrives + " (this happened in " +
                      std::to_string(count) + " of " + std::to_string(turns) +
                      " tries), although the server had nothing else to do.");
    }
};

TEST_F(TurnTaking, NoWriteWaitsForAnAcknowledgment) {
    if (is_echo()) {
        // More than a server reads at once, so it comes back in several writes.
        const std::string much(20'000, 'x');
        auto& alice = connect("alice");
        const int count = count_late([&](int) {
            alice.send(much, "20,000 bytes");
            alice.read_bytes(much.size());
        });
        talk.in_short("alice", "sends 20,000 bytes when the previous 20,000 have come back");
        return expect_prompt(count, "20,000 bytes", "come back");
    }
    std::vector<client*> all;
    for (int i = 0; i < 10; ++i) all.push_back(&enter("client " + std::to_string(i + 1)));
    const int count = count_late(
        [&](int i) { say(*all[static_cast<std::size_t>(i) % all.size()], "It is my turn."); });
    talk.in_short("ten clients", "take turns sending a line that all ten receive");
    expect_prompt(count, "A line", "reach all ten clients");
}

}  // namespace
}  // namespace rendezvous::contracts

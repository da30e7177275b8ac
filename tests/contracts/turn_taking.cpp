// The kernel sends what the server writes at once.  By default it holds a small write back until
// the client has acknowledged the previous one (Nagle's algorithm), and a client that has nothing
// to send acknowledges 40 ms late.
#include <optional>
#include <string>
#include <vector>

#include "tests/contracts/contract.hpp"

namespace rendezvous::contracts {
namespace {

class TurnTaking : public server_test {
protected:
    static constexpr int turns = 100, too_many = 10;

    // Reads this line.  Returns true when the line was late: it had not arrived, and the server
    // slept for 20 ms.  A server that waits for a processor does not sleep, so a busy machine does
    // not make a line late.
    bool is_late(client& one, const std::string& expected) {
        const auto& program = server().program();
        auto before = program.activity();
        std::optional<std::string> line;
        int asleep = 0;
        for (deadline limit(20s); asleep < 2 && !limit.passed();) {
            if ((line = one.try_read_line(10ms))) break;
            const auto now = program.activity();
            const bool slept = !now.runnable && now.processor_ns == before.processor_ns;
            asleep = slept ? asleep + 1 : 0;
            before = now;
        }
        if (!line)
            one.expect_line(expected);
        else if (*line != expected)
            talk.fail_expecting(one.name(), readable(expected), readable(*line));
        return asleep == 2;
    }

    void expect_prompt(int late, const std::string& what) {
        if (late > too_many)
            talk.fail(what + " was late (this happened in " + std::to_string(late) + " of " +
                      std::to_string(turns) +
                      " tries): it had not arrived, and the server slept for 20 ms.");
    }
};

TEST_F(TurnTaking, NoWriteWaitsForAnAcknowledgment) {
    int late = 0;
    if (is_echo()) {
        // The line is longer than what a server reads at once, so it comes back in several writes.
        const std::string line(20'000, 'x');
        auto& alice = connect("alice");
        for (int i = 0; i < turns; ++i) {
            alice.send_line(line);
            late += is_late(alice, line);
        }
        talk.in_short("alice", "sends a line of 20,000 bytes when the previous one has come back");
        return expect_prompt(late, "The line");
    }
    std::vector<client*> all;
    for (int i = 0; i < 10; ++i) all.push_back(&enter("client " + std::to_string(i + 1)));
    for (int i = 0; i < turns; ++i) {
        auto& speaker = *all[static_cast<std::size_t>(i) % all.size()];
        speaker.send_line("It is my turn.");
        bool one_is_late = false;
        for (auto* one : all) one_is_late |= is_late(*one, speaker.who() + ": It is my turn.");
        late += one_is_late;
    }
    talk.in_short("ten clients", "take turns sending a line that all ten receive");
    expect_prompt(late, "A line to one of the clients");
}

}  // namespace
}  // namespace rendezvous::contracts

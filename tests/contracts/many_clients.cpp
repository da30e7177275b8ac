// Many clients at once, each served while all of them stay.
#include "tests/contracts/contract.hpp"

namespace rendezvous::contracts {
namespace {

class ManyClients : public server_test {
protected:
    static constexpr int many = 200;

    observation two_hundred_at_once() {
        crowd all(talk, server().where(), crowd::no_lines);
        std::vector<int> heard(many);
        all.on_line = [&](crowd::member& one, std::string_view line) {
            auto own = is_echo() ? "I am " : one.who + ": I am ";
            if (line == own + std::to_string(one.number)) ++heard[one.number];
        };
        for (int i = 0; i < many; ++i) all.add();
        // The last one first: it must not be the turn of those before it first.
        for (int round = 1; round <= 2; ++round) {
            for (auto one = all.members().rbegin(); one != all.members().rend(); ++one)
                all.send_line(*one, "I am " + std::to_string(one->number));
            bool served = all.try_until(
                [&] {
                    return std::all_of(heard.begin(), heard.end(),
                                       [&](int n) { return n >= round; });
                },
                60s);
            if (!served) {
                auto n = static_cast<std::size_t>(std::count(heard.begin(), heard.end(), round));
                return {observation::otherwise, "of 200 clients that are there at once, " +
                                                    std::to_string(n) +
                                                    (n == 1 ? " is served." : " are served.")};
            }
        }
        for (auto& one : all.members())
            if (one.ended) talk.fail("A client was disconnected while 200 were there.");
        return {observation::holds, "200 clients at once were each served."};
    }

    // The second is connected (the kernel sees to that) and waits, however often the first is
    // served; when the first has gone it is its turn.
    observation second_waits_in_silence() {
        auto& alice = connect("alice");
        alice.send_line("Hello!");
        alice.expect_line("Hello!");
        auto& bob = connect("bob");
        bob.send_line("Anybody there?");
        for (int i = 0; i < 100; ++i) {
            alice.send_line("Yes.");
            alice.expect_line("Yes.");
        }
        talk.in_short("alice", "is served a hundred times and stays");
        talk.does("bob", "has connected, and waits");
        if (bob.try_read_line(0ms)) return {observation::otherwise, "a second client was served."};
        alice.half_close();
        alice.expect_end();
        bob.expect_line("Anybody there?");
        return {observation::missing,
                "the second client waited in silence until the first had gone."};
    }
};

TEST_F(ManyClients, TwoHundredAreServedWhileAllOfThemStay) {
    judge("many clients", [&] {
        if (!serves_many()) {
            auto saw = second_waits_in_silence();
            if (saw.seen == observation::missing) return saw;
        }
        return two_hundred_at_once();
    });
}

}  // namespace
}  // namespace rendezvous::contracts

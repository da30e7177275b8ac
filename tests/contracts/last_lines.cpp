// A client that half-closes receives everything that it sent before, and then end of file.
#include <algorithm>
#include <csignal>

#include "tests/contracts/contract.hpp"

namespace rendezvous::contracts {
namespace {

// A server that closes the connection while the writer still has lines to write loses those lines:
// not always, but sooner or later.  The book's own program loses a single line in nine of ten
// tries, the last of two lines in one of a hundred, and an unterminated line nearly always.  The
// odds depend on which goroutine happens to wait for which, so the test sends one line, then two,
// three, and so on.
class LastLines : public server_test {
protected:
    struct attempt {
        std::string bytes;
        std::vector<std::string> lines;
    };
    static attempt lines_of(int n, bool terminated = true) {
        attempt what;
        for (int i = 1; i <= n; ++i) {
            what.lines.push_back("line " + std::to_string(i));
            what.bytes += what.lines.back() + (i < n || terminated ? "\n" : "");
        }
        return what;
    }

    observation try_often(int tries, const std::function<attempt(int)>& make) {
        int lost = 0;
        std::string example;
        auto first_loss = talk;
        for (int i = 0; i < tries; ++i) {
            auto what = make(i);
            talk.start_over();
            client alice(talk, "alice", server().where());
            std::vector<std::string> all{"You are " + alice.who()};
            for (const auto& line : what.lines) all.push_back(alice.who() + ": " + line);

            alice.send(what.bytes);
            alice.half_close();
            auto came = alice.read_until_end();
            if (came == all) continue;
            if (came.size() > all.size() || !std::equal(came.begin(), came.end(), all.begin()))
                talk.fail("alice received lines that she had not sent.");
            if (lost++) continue;
            example = "`" + talk.named(all[came.size()]) + "` did not come back before end of file";
            first_loss = talk;
        }
        if (!lost)
            return {observation::holds, "in " + std::to_string(tries) +
                                            " tries every line came back before end of file."};
        talk = first_loss;
        return {observation::missing, example + " (this happened in " + std::to_string(lost) +
                                          " of " + std::to_string(tries) + " tries)."};
    }
};

TEST_F(LastLines, LineBeforeAHalfCloseComesBack) {
    judge("last lines",
          [&] { return try_often(rounds(200), [](int i) { return lines_of(1 + i % 5); }); });
}

TEST_F(LastLines, UnterminatedLineBeforeAHalfCloseComesBack) {
    judge("last lines",
          [&] { return try_often(rounds(100), [](int i) { return lines_of(1 + i % 3, false); }); });
}

TEST_F(LastLines, ManyLinesBeforeAHalfCloseComeBack) {
    judge("last lines",
          [&] { return try_often(rounds(40), [](int i) { return lines_of(100 + i % 2); }); });
}

// The kernel of a client that has closed answers a write with a reset.  The client's last bytes and
// its end of file came before that, so the server must still deliver those, even if the connection
// is broken by the time it reads them.  (On a busy machine the reset could overtake them, on
// another processor; so this client closes when they have arrived.)
TEST_F(LastLines, LastLineOfAClosingClientReachesTheOthers) {
    auto& bob = enter("bob");
    for (int i = 0; i < rounds(50); ++i) {
        talk.start_over();
        talk.introduce("bob", bob.who());
        auto& alice = enter("alice");
        // When the server continues, it has lines to write to alice, her last line, and her end of
        // file.
        server().program().signal(SIGSTOP);
        bob.send_line("one");
        bob.send_line("two");
        alice.send("Goodbye!");
        alice.close_once_delivered();
        server().program().signal(SIGCONT);
        forget(alice);
        const auto left = alice.who() + " has left";
        const auto came = bob.read_until(left);
        const auto heard = [&](const std::string& line) {
            return std::find(came.begin(), came.end(), line) != came.end();
        };
        if (!heard(bob.who() + ": two")) bob.read_until(bob.who() + ": two");
        if (heard(alice.who() + ": Goodbye!")) continue;
        talk.look_first_at(
            "how the server tells end of file from a reset: writing to a client that has closed "
            "provokes a reset, but the client's end of file came before that.");
        talk.fail("alice sent `Goodbye!` and closed, and the line did not reach bob.");
    }
}

}  // namespace
}  // namespace rendezvous::contracts

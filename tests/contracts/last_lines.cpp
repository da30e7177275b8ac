// A client that closes its writing half receives all that it sent before, and then end of file.
#include "tests/contracts/contract.hpp"

namespace rendezvous::contracts {
namespace {

// Whoever closes the connection while the writer still has something to write loses that: not
// always, but sooner or later.  The book's own program loses a single line in nine of ten tries,
// the last of two in one of hundred, an unterminated one nearly always: it depends on who happens
// to wait for whom, so there are tries with one line, two, three ...
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
                talk.fail("alice received other lines than those that she sent.");
            if (lost++) continue;
            example = "`" + talk.named(all[came.size()]) + "` did not come back before the end";
            first_loss = talk;
        }
        if (!lost)
            return {observation::holds, "in " + std::to_string(tries) +
                                            " tries all that was sent came back before the end."};
        talk = first_loss;
        return {observation::missing, example + " (so it was in " + std::to_string(lost) + " of " +
                                          std::to_string(tries) + " tries)."};
    }
};

TEST_F(LastLines, LineBeforeTheEndComesBack) {
    judge("last lines",
          [&] { return try_often(rounds(200), [](int i) { return lines_of(1 + i % 5); }); });
}

TEST_F(LastLines, UnterminatedLineBeforeTheEndComesBack) {
    judge("last lines",
          [&] { return try_often(rounds(100), [](int i) { return lines_of(1 + i % 3, false); }); });
}

TEST_F(LastLines, ManyLinesBeforeTheEndComeBack) {
    judge("last lines",
          [&] { return try_often(rounds(40), [](int i) { return lines_of(100 + i % 2); }); });
}

}  // namespace
}  // namespace rendezvous::contracts

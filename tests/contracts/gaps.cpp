// The gaps of the book's program.  There, arriving is two events: one channel carries the
// announcement, another adds the client.  Leaving is two events as well.  Between the two, the
// broadcaster may pass on a line from another client.
#include "tests/contracts/busy_room.hpp"

namespace rendezvous::contracts {
namespace {

class gap : public server_test {
protected:
    using member = crowd::member;

    // Four clients talk without pause, so that a line is always waiting to slip in between.
    struct room_with_talkers {
        busy_room room;
        member& witness;

        room_with_talkers(conversation& talk, const address& server)
            : room(talk, server), witness(room.add_silent()) {
            room.all().until("the first client is greeted", [&] { return witness.received > 0; });
            room.all().send_line(witness, "I am here");
            room.all().until("the first client receives its own line",
                             [&] { return witness.received > 1; });
            for (int i = 0; i < 4; ++i) room.add(1'000'000, busy_room::farewell::none, 16);
            room.all().until("four clients talk", [&] { return witness.received > 50; });
        }

        // Waits until everything in flight has arrived at every connected client: a last line has
        // reached all of them.  Drops what comes after that line, because the server may notice
        // only now that the clients of the previous round have left.
        void quiet() {
            room.hush();
            room.all().until("the four clients receive all their own lines",
                             [&] { return room.all_said(); });
            room.all().send_line(witness, "That was all");
            const auto last = witness.who + ": That was all";
            const auto after_it = [&](member& one) {
                return std::find(one.lines.rbegin(), one.lines.rend(), last).base();
            };
            room.all().until("every client receives the last line", [&] {
                return std::ranges::all_of(room.members(), [&](member& one) {
                    return one.ended || after_it(one) != one.lines.begin();
                });
            });
            for (auto& one : room.members())
                if (!one.ended) one.lines.erase(after_it(one), one.lines.end());
        }

        // What the witness received after the last occurrence of this line.
        std::vector<std::string> after(const std::string& line) const {
            const auto& all = witness.lines;
            auto found = std::find(all.rbegin(), all.rend(), line);
            if (found == all.rend()) return {};
            return {found.base(), all.end()};
        }
    };

    static std::string lines(std::size_t n) { return counted(n, "line"); }

    // Enough tries to observe a gap if there is one, even in a run that tries little else.
    static int tries() { return std::max(6, rounds(6)); }
};

class NewcomerMissesNothing : public gap {};
class LeaverMissesNothing : public gap {};

TEST_F(NewcomerMissesNothing, NewcomerReceivesEveryLineAfterItsArrival) {
    judge("newcomer misses nothing", [&]() -> observation {
        int newcomers = 0;
        for (int round = 0; round < tries(); ++round) {
            room_with_talkers here(talk, server().where());
            auto& clients = here.room.all();
            std::vector<member*> arrived;
            for (int i = 0; i < 10; ++i) arrived.push_back(&here.room.add_silent());
            clients.until("ten newcomers receive lines of the other clients", [&] {
                return std::all_of(arrived.begin(), arrived.end(),
                                   [](auto* one) { return one->received > 5; });
            });
            here.quiet();
            for (auto* one : arrived) {
                ++newcomers;
                auto expected = here.after(one->who + " has arrived");
                std::vector<std::string> came(one->lines.begin() + 1, one->lines.end());
                if (came == expected) continue;
                if (came.size() < expected.size() &&
                    std::equal(came.rbegin(), came.rend(), expected.rbegin())) {
                    auto missed = expected.size() - came.size();
                    here.room.introduce();
                    talk.introduce("the newcomer", one->who);
                    return {observation::missing,
                            "after `" + one->who + " has arrived` the other clients received " +
                                lines(missed) + " that the newcomer did not receive, `" +
                                expected[missed - 1] + "` the last of them."};
                }
                auto [theirs, its] =
                    std::mismatch(expected.begin(), expected.end(), came.begin(), came.end());
                talk.fail("A newcomer (" + one->who +
                          ") did not receive the same lines as the other clients after its "
                          "arrival: it received " +
                          (its == came.end() ? "nothing more" : "`" + *its + "`") +
                          " where they received " +
                          (theirs == expected.end() ? "nothing more" : "`" + *theirs + "`") + ".");
            }
            for (auto& one : here.room.members()) clients.close(one);
        }
        return {observation::holds, counted(static_cast<std::size_t>(newcomers), "newcomer") +
                                        " received every line sent after their arrival."};
    });
}

TEST_F(LeaverMissesNothing, LeaverReceivesEveryLineBeforeItsDeparture) {
    judge("leaver misses nothing", [&]() -> observation {
        int leavers = 0;
        for (int round = 0; round < tries(); ++round) {
            room_with_talkers here(talk, server().where());
            auto& clients = here.room.all();
            std::vector<member*> leaving;
            for (int i = 0; i < 10; ++i) leaving.push_back(&here.room.add_silent());
            clients.until("ten more clients receive lines of the others", [&] {
                return std::all_of(leaving.begin(), leaving.end(),
                                   [](auto* one) { return one->received > 5; });
            });
            for (auto* one : leaving) clients.half_close(*one);
            clients.until("the ten clients, which have half-closed, see end of file", [&] {
                return std::all_of(leaving.begin(), leaving.end(),
                                   [](auto* one) { return one->ended; });
            });
            here.quiet();
            for (auto* one : leaving) {
                ++leavers;
                // What did the others receive after the leaver's last line and before its
                // `has left`?
                auto rest = here.after(one->lines.back());
                auto left = std::find(rest.begin(), rest.end(), one->who + " has left");
                if (one->was_reset || left == rest.end())
                    talk.fail("A leaver (" + one->who +
                              ") must see end of file after the last line that it receives, and "
                              "the others must receive `" +
                              one->who + " has left` after that.");
                if (left == rest.begin()) continue;
                here.room.introduce();
                talk.introduce("the leaver", one->who);
                return {observation::missing,
                        "before `" + one->who + " has left` the other clients received " +
                            lines(static_cast<std::size_t>(left - rest.begin())) +
                            " that the leaver did not receive, `" + rest.front() +
                            "` the first of them."};
            }
            for (auto& one : here.room.members()) clients.close(one);
        }
        return {observation::holds, counted(static_cast<std::size_t>(leavers), "leaver") +
                                        " received every line sent until they left."};
    });
}

}  // namespace
}  // namespace rendezvous::contracts

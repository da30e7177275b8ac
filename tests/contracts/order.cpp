// Order, and exactly once: under load, and while clients connect and leave.
#include <algorithm>
#include <cstdlib>

#include "tests/contracts/busy_room.hpp"

namespace rendezvous::contracts {
namespace {

class busy : public server_test {
protected:
    void is_there(busy_room& room, crowd::member& one) {
        room.all().until("the first client is greeted", [&] { return one.received > 0; });
        room.all().send_line(one, "I am here");
        room.all().until("the first client receives its own line",
                         [&] { return one.received > 1; });
    }

    // Ten clients stay.  Forty send a few lines and leave, and each of them is replaced once: most
    // half-close, and every third is reset in the middle of a line.
    void coming_and_going(busy_room& room) {
        auto& witness = room.add_silent();
        is_there(room, witness);

        int visitors = 0, replaced = 0;
        auto visit = [&] {
            auto how =
                ++visitors % 3 ? busy_room::farewell::half_close : busy_room::farewell::by_reset;
            room.add(10, how);
        };
        room.on_leaving = [&](auto&) {
            if (replaced < 40) ++replaced, visit();
        };
        for (int i = 0; i < 9; ++i) room.add(60);
        for (int i = 0; i < 40; ++i) visit();
        room.all().until(
            "all clients have received their own lines or left",
            [&] { return replaced == 40 && room.all_said(); }, 60s);
    }

    void expect_nothing_wrong(busy_room& room, const std::string& wrong) {
        if (wrong.empty()) return;
        room.introduce();
        talk.fail(wrong + "  (12.3 is the line that client 12 sent after 12.2.)");
    }

    // Waits until the witness has seen every departure, and then for a last line of its own, which
    // arrives after any line that it still lacks, and any announcement that is made twice.
    void see_the_end(busy_room& room) {
        auto& witness = room.members().front();
        room.all().until("the witness sees every client leave that has left", [&] {
            auto left =
                std::count_if(witness.lines.begin(), witness.lines.end(), [](const auto& line) {
                    return line.size() > 9 && line.compare(line.size() - 9, 9, " has left") == 0;
                });
            return static_cast<std::size_t>(left) >= room.gone().size();
        });
        room.catch_up(witness);
    }
};

class Order : public busy {};
class ExactlyOnce : public busy {};

TEST_F(Order, LinesOfOneSenderArriveInOrder) {
    auto& alice = enter("alice");
    auto& bob = enter("bob");
    std::string bytes;
    for (int i = 0; i < 1000; ++i) bytes += std::to_string(i) + "\n";
    alice.send(bytes + "end\n", "0, 1, 2 ... 999, end, all at once");
    // A missing line is not judged here, but by the tests of `exactly once`.
    for (auto* one : {&alice, &bob}) {
        int last = -1;
        for (std::string line; (line = one->read_line()) != alice.who() + ": end";) {
            const int number =
                std::atoi(line.c_str() + std::min(line.size(), alice.who().size() + 2));
            if (line != alice.who() + ": " + std::to_string(number)) continue;
            if (number < last)
                talk.fail(one->name() + " received `" + line + "` after `" + alice.who() + ": " +
                          std::to_string(last) + "`.");
            last = number;
        }
    }
}

TEST_F(Order, AllReceiversSeeTheSameOrder) {
    busy_room room(talk, server().where());
    auto& witness = room.add_silent();
    is_there(room, witness);
    for (int i = 0; i < 4; ++i) room.add(400, busy_room::farewell::none, 16);
    for (int i = 0; i < 4; ++i) room.add_silent();
    room.all().until("every client receives the last line of the four that talk",
                     [&] { return room.all_said() && witness.received >= 1600; });
    expect_nothing_wrong(room, find_disorder(room, witness));
}

TEST_F(Order, OrderHoldsWhileFiftyClientsComeAndGo) {
    busy_room room(talk, server().where());
    coming_and_going(room);
    expect_nothing_wrong(room, find_disorder(room, room.members().front()));
}

TEST_F(ExactlyOnce, EveryLineReachesEveryConnectedClient) {
    std::vector<client*> all;
    for (int i = 0; i < 10; ++i) all.push_back(&enter("client " + std::to_string(i + 1)));
    for (int i = 0; i < 10; ++i)
        for (auto* one : all) say(*one, "line " + std::to_string(i));
}

TEST_F(ExactlyOnce, IdenticalLinesAreAllDelivered) {
    auto& alice = enter("alice");
    auto& bob = enter("bob");
    alice.send("the same\nthe same\nthe same\n");
    for (auto* one : {&alice, &bob})
        for (int i = 0; i < 3; ++i) one->expect_line(alice.who() + ": the same");
    bob.expect_silence(alice);
}

TEST_F(ExactlyOnce, LinesArriveOnceWhileFiftyClientsComeAndGo) {
    busy_room room(talk, server().where());
    coming_and_going(room);
    see_the_end(room);
    expect_nothing_wrong(room, find_loss_or_double(room, room.members().front()));
}

}  // namespace
}  // namespace rendezvous::contracts

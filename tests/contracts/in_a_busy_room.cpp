// One client is reset, or does not read, while all the others talk.
#include "tests/contracts/busy_room.hpp"

namespace rendezvous::contracts {
namespace {

class BusyRoom : public server_test {};

TEST_F(BusyRoom, ResetClientsDoNotBlockTheOthers) {
    busy_room room(talk, server().where());
    auto& witness = room.add(1'000'000);
    for (int i = 0; i < 9; ++i) room.add(1'000'000);
    auto& all = room.all();
    all.until("ten clients talk", [&] {
        return std::all_of(room.members().begin(), room.members().end(),
                           [&](auto& one) { return room.heard_own(one) > 5; });
    });
    // Victims arrive five at a time and are reset while lines are in flight to them.  Some have
    // read all that came, some have not, and some have just sent something.
    for (int i = 0; i < rounds(40); ++i) {
        std::vector<crowd::member*> victims;
        for (int k = 0; k < 5; ++k) victims.push_back(&room.add_silent());
        all.until("five more clients receive lines", [&] {
            return std::all_of(victims.begin(), victims.end(),
                               [](auto* one) { return one->received > 3; });
        });
        int k = 0;
        for (auto* one : victims) {
            if (++k % 3 == 0) all.send(*one, "one\ntwo\nhalf a li");
            all.reset(*one);
        }
        // The server must not wait for them: each of the ten still receives its own lines.
        std::vector<int> heard;
        for (int n = 0; n < 10; ++n)
            heard.push_back(room.heard_own(room.members()[static_cast<std::size_t>(n)]));
        all.until("all ten clients still receive their own lines after others are reset", [&] {
            for (std::size_t n = 0; n < 10; ++n)
                if (room.heard_own(room.members()[n]) < heard[n] + 3) return false;
            return true;
        });
    }
    room.hush();
    all.until("the ten clients receive all their own lines", [&] { return room.all_said(); });

    // Two clients may use the same port in turn, so the test counts arrivals and departures.
    std::map<std::string, int> left, came;
    auto count = [&] {
        left.clear();
        for (const auto& line : witness.lines)
            if (auto at = line.rfind(" has left"); at != std::string::npos && at + 9 == line.size())
                ++left[line.substr(0, at)];
        std::size_t n = 0;
        for (auto& [who, times] : left) n += static_cast<std::size_t>(times);
        return n;
    };
    for (std::size_t n = 10; n < room.members().size(); ++n) ++came[room.members()[n].who];
    auto victims = room.members().size() - 10;
    all.until("every client that was reset is announced as having left",
              [&] { return count() >= victims; });
    // A last line comes back after every announcement, also after one that is made twice.
    room.catch_up(witness);
    count();
    if (left != came)
        talk.fail("Every client that was reset must be announced as having left, once: " +
                  counted(victims, "client") + " left, and " + counted(count(), "announcement") +
                  " came.");
}

TEST_F(BusyRoom, RoomRecoversWhenTheSlowReaderLeaves) {
    must_end_within = 10s;
    for (bool by_reset : {true, false}) {
        busy_room room(talk, server().where(), crowd::no_lines);
        auto& sloth = room.add_sloth(4096);
        auto& all = room.all();
        all.until("the slow reader is greeted", [&] { return sloth.received > 0; });
        all.send_line(sloth, "Hello!");
        all.until("the slow reader receives its own line", [&] { return sloth.received > 1; });
        all.set_reading(sloth, false);
        auto& alice = room.add(2000, busy_room::farewell::none, 4, 8000);
        all.try_until([&] { return room.all_said(); }, 30s, 300ms);
        by_reset ? all.reset(sloth) : all.close(sloth);
        all.until(
            "alice receives all her own lines once the slow reader has left",
            [&] { return room.heard_own(alice) == 2000; }, 60s);
    }
    expect_service();
}

}  // namespace
}  // namespace rendezvous::contracts

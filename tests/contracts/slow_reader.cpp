// A reader that does not read: who waits for it, and where its lines wait.
#include "tests/contracts/busy_room.hpp"

namespace rendezvous::contracts {
namespace {

// The kernel hides megabytes between a server and a client: up to 4 in the server's socket (the
// greatest of net.ipv4.tcp_wmem) and as many in the client's.  So the sloth asks for a small buffer
// of its own, and there is far more to say than the server's can hold.
constexpr std::size_t line_length = 8'000;
constexpr int sloth_buffer = 4'096;
constexpr std::size_t megabyte = 1'000'000;

class slow_reader : public server_test {
protected:
    using member = crowd::member;

    slow_reader() { must_end_within = 10s; }

    member& enters(busy_room& room, member& one) {
        room.all().until("one more client is there", [&] { return one.received > 0; });
        room.all().send_line(one, "I am there");
        // Nobody else talks now: what comes after the greeting is its own.
        room.all().until("it hears itself", [&] { return one.received > 1; });
        return one;
    }

    member& add_sloth(busy_room& room) {
        auto& sloth = enters(room, room.add_sloth(sloth_buffer));
        room.all().set_reading(sloth, false);
        return sloth;
    }

    static std::string size(std::uint64_t bytes) {
        return std::to_string((bytes + megabyte / 2) / megabyte) + " MB";
    }
};

class SlowReaderIsolated : public slow_reader {};
class SlowReaderBounded : public slow_reader {};

TEST_F(SlowReaderIsolated, OtherClientsAreServedWhileOneDoesNotRead) {
    judge("slow reader isolated", [&]() -> observation {
        constexpr int lines = 24 * megabyte / line_length;
        busy_room room(talk, server().where(), crowd::no_lines);
        auto& everybody = room.all();
        auto& bob = enters(room, room.add_silent());
        auto& sloth = add_sloth(room);
        auto& alice = room.add(lines, busy_room::farewell::none, 4, line_length);
        auto all_came = [&] { return room.heard_own(alice) == lines && bob.received > lines; };

        // Nobody is slow but the sloth, so whoever waits waits for it.
        if (everybody.try_until(all_came, 60s, 500ms))
            return {observation::holds, "the others said and heard " + size(lines * line_length) +
                                            " while one client did not read."};
        auto stuck_after = static_cast<std::uint64_t>(room.heard_own(alice)) * line_length;
        everybody.set_reading(sloth, true);
        if (!everybody.try_until(all_came, 60s, 3s))
            talk.fail(
                "Everybody stood still while one client did not read, and still does so now that "
                "it reads again.");
        return {observation::missing,
                "after " + size(stuck_after) +
                    " everybody stood still, until the one client that did not read began to."};
    });
}

TEST_F(SlowReaderBounded, MemoryStaysFlatWhileOneClientDoesNotRead) {
    judge("slow reader bounded", [&]() -> observation {
        constexpr int warm = 8 * megabyte / line_length, lines = 24 * megabyte / line_length;
        constexpr std::uint64_t flat = 12 * megabyte;
        const auto& program = server().program();
        busy_room room(talk, server().where(), crowd::no_lines);
        auto& everybody = room.all();
        enters(room, room.add_silent());
        // What a server needs when it is busy (stacks, arenas, buffers) it shall have before.
        room.add(warm, busy_room::farewell::none, 4, line_length);
        everybody.until(
            "8 MB are said and heard", [&] { return room.all_said(); }, 60s);
        auto before = program.resident_bytes();

        // Two say all that they have to say as fast as the server takes it, and hear what comes.
        auto& sloth = add_sloth(room);
        room.add(lines, busy_room::farewell::none, lines, line_length);
        room.add(lines, busy_room::farewell::none, lines, line_length);
        everybody.try_until([&] { return room.all_said(); }, 60s, 500ms);
        auto after = program.resident_bytes();
        auto grown = after > before ? after - before : 0;

        // It goes, and the room is free again.
        everybody.reset(sloth);
        everybody.until(
            "all is said and heard once the client that did not read has gone",
            [&] { return room.all_said(); }, 60s);
        auto story = "while one client did not read and others had " +
                     size(2 * lines * line_length) + " to say, memory grew by " + size(grown) + ".";
        return {grown <= flat ? observation::holds : observation::missing, story};
    });
}

}  // namespace
}  // namespace rendezvous::contracts

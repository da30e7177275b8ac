// The slow reader, a client that stops reading: what waits for it, and where its lines wait.
#include "tests/contracts/busy_room.hpp"

namespace rendezvous::contracts {
namespace {

// The kernel buffers megabytes between a server and a client: up to 4 MB in the server's socket
// (the maximum in net.ipv4.tcp_wmem) and as much in the client's.  So the sloth, the client that
// stops reading, asks for a small buffer, and the other clients send far more than the server's
// buffer can hold.
constexpr std::size_t line_length = 8'000;
constexpr int sloth_buffer = 4'096;
constexpr std::size_t megabyte = 1'000'000;

class slow_reader : public server_test {
protected:
    using member = crowd::member;

    slow_reader() { must_end_within = 10s; }

    member& enters(busy_room& room, member& one) {
        room.all().until("one more client is greeted", [&] { return one.received > 0; });
        room.all().send_line(one, "I am here");
        // No other client talks now, so what comes after the greeting is its own line.
        room.all().until("the new client receives its own line", [&] { return one.received > 1; });
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
        auto& clients = room.all();
        auto& bob = enters(room, room.add_silent());
        auto& sloth = add_sloth(room);
        auto& alice = room.add(lines, busy_room::farewell::none, 4, line_length);
        auto all_came = [&] { return room.heard_own(alice) == lines && bob.received > lines; };

        // Only the sloth is slow, so a server that waits is waiting for it.
        if (clients.try_until(all_came, 60s, 500ms))
            return {observation::holds, "the other clients sent and received " +
                                            size(lines * line_length) +
                                            " while one client did not read."};
        auto stuck_after = static_cast<std::uint64_t>(room.heard_own(alice)) * line_length;
        clients.set_reading(sloth, true);
        if (!clients.try_until(all_came, 60s, 3s))
            talk.fail(
                "All clients were blocked while one client did not read, and still are now that it "
                "reads again.");
        return {observation::missing, "after " + size(stuck_after) +
                                          " all clients were blocked until the one client that did "
                                          "not read resumed reading."};
    });
}

TEST_F(SlowReaderBounded, MemoryStaysFlatWhileOneClientDoesNotRead) {
    judge("slow reader bounded", [&]() -> observation {
        constexpr int warm = 8 * megabyte / line_length, lines = 24 * megabyte / line_length;
        const auto& program = server().program();
        busy_room room(talk, server().where(), crowd::no_lines);
        auto& clients = room.all();
        enters(room, room.add_silent());
        // Makes the server allocate beforehand what it needs when it is busy (stacks, arenas,
        // buffers).
        room.add(warm, busy_room::farewell::none, 4, line_length);
        clients.until(
            "8 MB are sent and received", [&] { return room.all_said(); }, 60s);
        auto before = program.resident_bytes();

        // Two clients send all their lines as fast as the server takes them, and read what comes.
        auto& sloth = add_sloth(room);
        room.add(lines, busy_room::farewell::none, lines, line_length);
        room.add(lines, busy_room::farewell::none, lines, line_length);
        clients.try_until([&] { return room.all_said(); }, 60s, 500ms);
        auto after = program.resident_bytes();
        auto grown = after > before ? after - before : 0;

        // Once the sloth has left, nothing blocks the others any more.
        clients.reset(sloth);
        clients.until(
            "all lines are sent and received once the client that did not read has left",
            [&] { return room.all_said(); }, 60s);
        auto story = "while one client did not read and others had " +
                     size(2 * lines * line_length) + " to send, memory grew by " + size(grown) +
                     ".";
        return {grown <= flat_growth(program) ? observation::holds : observation::missing, story};
    });
}

}  // namespace
}  // namespace rendezvous::contracts

// What the clients of a chat do with lines, on purpose or not.
#include "tests/contracts/busy_room.hpp"

namespace rendezvous::contracts {
namespace {

class HostileLines : public server_test {};

TEST_F(HostileLines, LineSentOneByteAtATimeIsOneLine) {
    auto& alice = enter("alice");
    auto& bob = enter("bob");
    for (char byte : std::string("one byte at a time\r\n")) alice.send(std::string(1, byte));
    alice.expect_line(alice.who() + ": one byte at a time");
    bob.expect_line(alice.who() + ": one byte at a time");
}

TEST_F(HostileLines, NothingIsDeliveredBeforeTheNewline) {
    auto& alice = enter("alice");
    auto& bob = enter("bob");
    alice.send("half a line, ");
    say(bob, "Nothing yet.");  // must be what both clients receive next
    alice.send("and the rest\n");
    all_see(alice.who() + ": half a line, and the rest");
}

TEST_F(HostileLines, SixtyLinesInOneSegmentAreSixtyLines) {
    talk.look_first_at(
        "how the server splits into lines what read() returns, which may be half a line or sixty "
        "lines.");
    auto& alice = enter("alice");
    auto& bob = enter("bob");
    std::string bytes;
    for (int i = 0; i < 60; ++i) bytes += "line " + std::to_string(i) + (i % 2 ? "\n" : "\r\n");
    alice.send(bytes, "60 lines at once");
    for (int i = 0; i < 60; ++i) {
        alice.expect_line(alice.who() + ": line " + std::to_string(i));
        bob.expect_line(alice.who() + ": line " + std::to_string(i));
    }
}

TEST_F(HostileLines, OneThousandEmptyLinesAreAllDelivered) {
    auto& alice = enter("alice");
    auto& bob = enter("bob");
    alice.send(std::string(1000, '\n'), "1,000 empty lines");
    for (int i = 0; i < 1000; ++i) bob.expect_line(alice.who() + ": ");
    alice.half_close();
    alice.read_until_end();
    bob.expect_line(alice.who() + " has left");
}

TEST_F(HostileLines, NulBytesDoNotAffectLaterLines) {
    auto& alice = enter("alice");
    enter("bob");
    say(alice, std::string("\0", 1));
    say(alice, std::string("a\0b", 3));
    say(alice, std::string(100, '\0'));
    say(alice, "and this");
}

TEST_F(HostileLines, EndlessLineDisconnectsItsSenderAndUsesNoMemory) {
    auto& program = server().program();
    auto& bob = enter("bob");
    auto before = program.resident_bytes();
    for (int i = 0; i < 5; ++i) {
        client alice(talk, "alice", server().where());
        alice.expect_greeting();
        bob.expect_line(alice.who() + " has arrived");
        std::string flood(20'000'000, 'x');
        alice.send(flood, "20 MB without a newline");
        bob.expect_line(alice.who() + " has left");
        alice.expect_end_or_reset();
        bob.expect_silence(bob);
    }
    auto after = program.resident_bytes();
    if (after > before + flat_growth(program))
        talk.fail("Five endless lines made the server grow by " +
                  std::to_string((after - before) / 1'000'000) + " MB.");
}

TEST_F(HostileLines, ResetDropsOnlyTheUnfinishedLine) {
    talk.look_first_at(
        "how the server tells end of file from a reset.  After a reset read() fails, but only "
        "once: if a write has already reported the reset, read() returns end of file.  The socket "
        "then has no peer any more (getpeername fails); after a real end of file it still has "
        "one.");
    auto& bob = enter("bob");
    for (int i = 0; i < rounds(50); ++i) {
        client alice(talk, "alice", server().where());
        alice.expect_greeting();
        bob.expect_line(alice.who() + " has arrived");
        alice.send("a whole line\nhalf a li");
        // If alice waits until her line has come back, the server is not writing to her, and its
        // read meets the reset.  Otherwise a write may meet the reset first; only our own servers
        // are tested for that.
        if (is_foreign() || i % 2) alice.expect_line(alice.who() + ": a whole line");
        bob.expect_line(alice.who() + ": a whole line");
        alice.reset();
        bob.expect_line(alice.who() + " has left");
    }
    bob.expect_silence(bob);
}

TEST_F(HostileLines, HalfClosedClientIsNotAnnouncedAgainWhenItCloses) {
    auto& alice = enter("alice");
    auto& bob = enter("bob");
    auto& carol = enter("carol");
    alice.send_line("That was all.");
    alice.half_close();
    for (auto* one : {&bob, &carol})
        one->expect_lines({alice.who() + ": That was all.", alice.who() + " has left"});
    alice.read_until_end();
    forget(alice);
    for (int i = 0; i < 10; ++i) say(bob, "Is she gone?");
    alice.close();
    bob.expect_silence(bob);
}

TEST_F(HostileLines, ForgedNoticeCarriesTheNameOfItsSender) {
    auto& alice = enter("alice");
    auto& bob = enter("bob");
    for (const auto& lie :
         {bob.who() + " has left", bob.who() + ": I give up.", "You are " + bob.who()})
        say(alice, lie);
}

TEST_F(HostileLines, SlowReaderThatResumesReceivesEverything) {
    must_end_within = 10s;
    busy_room room(talk, server().where());
    auto& all = room.all();
    auto& slow = room.add_sloth(4096);
    all.until("the slow reader is greeted", [&] { return slow.received > 0; });
    all.send_line(slow, "Hello!");
    all.until("the slow reader receives its own line", [&] { return slow.received > 1; });
    all.set_reading(slow, false);
    auto& alice = room.add(500, busy_room::farewell::none, 16, 4000);
    // After a pause it reads again, and must have missed nothing.
    all.try_until([&] { return room.all_said(); }, 5s, 200ms);
    all.set_reading(slow, true);
    all.until(
        "alice receives all her own lines", [&] { return room.heard_own(alice) == 500; }, 60s);
    all.until(
        "the slow reader receives all of alice's lines",
        [&] { return slow.received >= 503 || slow.ended; }, 60s);
    if (slow.ended) talk.fail("The server disconnected a client that read slowly, but did read.");
    for (int i = 0; i < 500; ++i)
        if (slow.lines[static_cast<std::size_t>(i) + 3] != room.line(alice, i))
            talk.fail("The slow reader did not receive line " + std::to_string(i) +
                      " of alice in its place.");
}

TEST_F(HostileLines, FastSendersDoNotFillTheMemory) {
    auto& program = server().program();
    busy_room room(talk, server().where(), crowd::no_lines);
    auto& all = room.all();
    room.add(1000, busy_room::farewell::none, 4, 8000);
    all.until(
        "8 MB are sent and received", [&] { return room.all_said(); }, 60s);
    auto before = program.resident_bytes();
    // Both clients send everything at once, and both read.
    room.add(3000, busy_room::farewell::none, 3000, 8000);
    room.add(3000, busy_room::farewell::none, 3000, 8000);
    all.until(
        "48 MB are sent and received", [&] { return room.all_said(); }, 60s);
    auto after = program.resident_bytes();
    const auto& stage = current_settings().stage;
    if (stage && !stage->holds("slow reader bounded")) return;  // such a stage may queue lines
    if (after > before + flat_growth(program))
        talk.fail("Two clients sent 48 MB as fast as they could, and the server grew by " +
                  std::to_string((after - before) / 1'000'000) + " MB.");
}

}  // namespace
}  // namespace rendezvous::contracts

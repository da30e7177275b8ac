// The chat itself: the numbered rules of the contract, one by one, as the book's program follows
// them.
#include "tests/contracts/contract.hpp"
#include "tests/harness/netcat.hpp"

namespace rendezvous::contracts {
namespace {

class Chat : public server_test {
protected:
    // A client that has been greeted enters the room a moment later and may miss what happens in
    // between.  (This is the gap of the book's program; people type more slowly than that.)  Once
    // its own line has come back, it has entered.
    static void is_there(client& newcomer, std::initializer_list<client*> others = {}) {
        newcomer.send_line("Hello.");
        newcomer.expect_line(newcomer.who() + ": Hello.");
        for (auto* one : others) one->expect_line(newcomer.who() + ": Hello.");
    }

    // What bob receives when alice sends these bytes and then half-closes.
    void expect_lines_of(std::string_view bytes, const std::vector<std::string>& lines) {
        auto& alice = enter("alice");
        auto& bob = enter("bob");
        alice.send(bytes);
        alice.half_close();
        for (const auto& line : lines) bob.expect_line(alice.who() + ": " + line);
        bob.expect_line(alice.who() + " has left");
    }
};

// 1. A newcomer first receives `You are A`.

TEST_F(Chat, NewcomerIsToldItsOwnAddress) {
    auto& alice = connect("alice");
    alice.expect_line("You are " + alice.who());
}

TEST_F(Chat, NewcomerOverIpv6IsToldItsAddressInBrackets) {
    if (is_foreign()) GTEST_SKIP() << "only a server that takes --host can be told to use IPv6";
    if (!can_listen_on({"::1"}))
        GTEST_SKIP() << "this machine has no ::1, the loopback address of IPv6";
    start({.more = {"--host", "::1"}});
    if (server().where().host != "::1")
        talk.fail("The server must listen on [::1], but it says that it listens on " +
                  server().where().str() + ".");
    auto& alice = enter("alice");
    auto& bob = enter("bob");
    say(bob, "Hi!");
    leave(alice);
}

// 2. All clients that were connected before receive `A has arrived`.  The newcomer does not.

TEST_F(Chat, ConnectedClientsSeeAnArrival) {
    auto& alice = enter("alice");
    auto& bob = connect("bob");
    alice.expect_line(bob.who() + " has arrived");
    auto& carol = connect("carol");
    alice.expect_line(carol.who() + " has arrived");
}

TEST_F(Chat, NewcomerDoesNotSeeItsOwnArrival) {
    talk.look_first_at(
        "the order of two steps in a client's task: first it announces the arrival, and then the "
        "client enters.  If the announcement waits in a buffer, entering overtakes it.");
    auto& alice = enter("alice");
    // In a server where entering and announcing race, either may win, so the test tries many times.
    for (int i = 0; i < rounds(30); ++i) {
        auto& bob = connect("bob " + std::to_string(i + 1));
        bob.expect_greeting();
        bob.send_line("Hi!");
        bob.expect_line(bob.who() + ": Hi!");
        alice.expect_lines({bob.who() + " has arrived", bob.who() + ": Hi!"});
        bob.close();
        alice.expect_line(bob.who() + " has left");
    }
}

// 3. A line T from client A reaches every connected client, A included, as `A: T`.

TEST_F(Chat, LineReachesEveryClientAndNamesItsSender) {
    auto& alice = enter("alice");
    auto& bob = enter("bob");
    auto& carol = enter("carol");
    say(alice, "Hi!");
    say(bob, "Hi yourself.");
    say(carol, "  Spaces,\ttabs: and colons stay.  ");
}

TEST_F(Chat, LoneClientReceivesWhatItSends) {
    auto& alice = enter("alice");
    say(alice, "one");
    say(alice, "two");
}

TEST_F(Chat, NewcomerReceivesNothingSentBeforeItArrived) {
    talk.look_first_at(
        "what the server sends to a newcomer: nothing that was said before it arrived.");
    auto& alice = enter("alice");
    for (int i = 0; i < 10; ++i) say(alice, "This is line " + std::to_string(i));
    enter("bob");  // checks that the first line after `You are` is bob's own
}

// 4. When A ends, the others receive `A has left`, once, and nothing from A after that.

TEST_F(Chat, ClosedClientIsAnnouncedAsLeavingOnce) {
    auto& alice = enter("alice");
    auto& bob = enter("bob");
    alice.send_line("Bye.");
    alice.expect_line(alice.who() + ": Bye.");
    alice.close();
    bob.expect_lines({alice.who() + ": Bye.", alice.who() + " has left"});
    bob.expect_silence(bob);  // the server announces it only once
}

TEST_F(Chat, HalfClosedClientIsAnnouncedAsLeavingOnce) {
    auto& alice = enter("alice");
    auto& bob = enter("bob");
    alice.half_close();
    bob.expect_line(alice.who() + " has left");
    alice.expect_end();
    bob.expect_silence(bob);
}

TEST_F(Chat, ResetClientIsAnnouncedAsLeavingOnce) {
    auto& alice = enter("alice");
    auto& bob = enter("bob");
    alice.reset();
    bob.expect_line(alice.who() + " has left");
    bob.expect_silence(bob);
}

TEST_F(Chat, ClientThatSendsNothingIsAnnounced) {
    auto& bob = enter("bob");
    auto& alice = connect("alice");
    bob.expect_line(alice.who() + " has arrived");
    alice.expect_greeting();
    alice.close();
    bob.expect_line(alice.who() + " has left");
}

TEST_F(Chat, LastLinesOfAClientPrecedeItsDeparture) {
    auto& alice = enter("alice");
    auto& bob = enter("bob");
    alice.send("one\ntwo\nthree\n");
    alice.half_close();
    bob.expect_lines({alice.who() + ": one", alice.who() + ": two", alice.who() + ": three",
                      alice.who() + " has left"});
    bob.expect_silence(bob);
}

TEST_F(Chat, NextClientIsServedAfterAllOthersHaveLeft) {
    for (const char* name : {"alice", "bob", "carol"}) {
        auto& one = enter(name);
        leave(one);
    }
}

// What a line is.

TEST_F(Chat, CarriageReturnBeforeTheNewlineIsDropped) {
    expect_lines_of("one\r\ntwo\nthree\r\n", {"one", "two", "three"});
}

TEST_F(Chat, OnlyOneCarriageReturnIsDropped) {
    expect_lines_of("one\r\r\n\r\r\n", {"one\r", "\r"});
}

TEST_F(Chat, CarriageReturnElsewhereIsText) { expect_lines_of("\ro\rne\n", {"\ro\rne"}); }

TEST_F(Chat, EmptyLineIsALine) {
    talk.look_first_at(
        "how the server handles an empty line: it passes it on like any other line.");
    expect_lines_of("\n\r\n\nend\n", {"", "", "", "end"});
}

TEST_F(Chat, TextAfterTheLastNewlineIsALine) { expect_lines_of("one\ntwo", {"one", "two"}); }

TEST_F(Chat, CarriageReturnAtEndOfFileIsDropped) { expect_lines_of("one\ntwo\r", {"one", "two"}); }

TEST_F(Chat, LoneCarriageReturnAtEndOfFileIsALine) { expect_lines_of("one\n\r", {"one", ""}); }

TEST_F(Chat, FinalNewlineDoesNotAddAnEmptyLine) { expect_lines_of("one\n", {"one"}); }

TEST_F(Chat, TextCutOffByAResetIsDropped) {
    talk.look_first_at(
        "what happens when reading fails: the server must drop the unfinished line, which it "
        "would deliver at end of file.");
    auto& alice = enter("alice");
    auto& bob = enter("bob");
    alice.send("one\ntwo");
    alice.expect_line(alice.who() + ": one");
    bob.expect_line(alice.who() + ": one");
    alice.reset();
    bob.expect_line(alice.who() + " has left");
    bob.expect_silence(bob);
}

TEST_F(Chat, BytesAreDeliveredUnchanged) {
    std::string all;
    for (int byte = 0; byte < 256; ++byte)
        if (byte != '\n') all += static_cast<char>(byte);
    auto& alice = enter("alice");
    enter("bob");
    say(alice, all);
    say(alice, std::string("NUL \0 and text after it", 23));
    say(alice, "a plain line");
}

TEST_F(Chat, EveryLineEndsWithExactlyOneNewline) {
    talk.look_first_at("what the server writes after a line: one newline, and nothing else.");
    auto& alice = connect("alice");
    alice.expect_greeting();
    alice.send("one\r\n\ntwo\n");
    alice.half_close();
    alice.expect_lines({alice.who() + ": one", alice.who() + ": ", alice.who() + ": two"});
    alice.expect_end();  // without another byte before it
}

// 8. A line of up to 65,535 bytes before the newline is delivered.  A longer line disconnects its
// sender, and only its sender.

const std::string longest(65'535, 'x');  // as long as a line may be, without its newline

void expect_too_long(client& alice, client& bob, std::string_view bytes) {
    alice.send(bytes);
    bob.expect_line(alice.who() + " has left");
    bob.expect_silence(bob);
    alice.expect_end_or_reset();
}

TEST_F(Chat, LineOfMaximumLengthIsDelivered) {
    talk.look_first_at(
        "the maximum length of a line: 65,535 bytes before the newline, however many bytes one "
        "read returns.");
    auto& alice = enter("alice");
    enter("bob");
    say(alice, longest);
    say(alice, "a short one");
}

TEST_F(Chat, CarriageReturnCountsTowardTheLengthOfALine) {
    auto& alice = enter("alice");
    auto& bob = enter("bob");
    const auto shorter = longest.substr(1);
    alice.send(shorter + "\r\n");
    all_see(alice.who() + ": " + shorter);
    expect_too_long(alice, bob, longest + "\r\n");
}

TEST_F(Chat, UnterminatedLineOfMaximumLengthIsDelivered) { expect_lines_of(longest, {longest}); }

TEST_F(Chat, OverlongLineDisconnectsOnlyItsSender) {
    talk.look_first_at(
        "the limit on a line: the server delivers up to 65,535 bytes before the newline, and "
        "disconnects a client that sends one more.");
    auto& bob = enter("bob");
    auto& alice = enter("alice");
    expect_too_long(alice, bob, longest + "x\n");
    forget(alice);
    auto& carol = enter("carol");
    say(carol, "Still here.");
}

TEST_F(Chat, LinesBeforeAnOverlongLineAreDelivered) {
    auto& alice = enter("alice");
    auto& bob = enter("bob");
    alice.send("one\ntwo\n" + longest + "x\nthree\n");
    bob.expect_lines({alice.who() + ": one", alice.who() + ": two", alice.who() + " has left"});
    bob.expect_silence(bob);
}

// The conversation printed in the book.

TEST_F(Chat, ServerReproducesTheConversationInTheBook) {
    auto& alice = connect("alice");
    alice.expect_greeting();
    is_there(alice);
    auto& bob = connect("bob");
    alice.expect_line(bob.who() + " has arrived");
    bob.expect_greeting();
    is_there(bob, {&alice});

    alice.send_line("Hi!");
    alice.expect_line(alice.who() + ": Hi!");
    bob.expect_line(alice.who() + ": Hi!");
    bob.send_line("Hi yourself.");
    bob.expect_line(bob.who() + ": Hi yourself.");
    alice.expect_line(bob.who() + ": Hi yourself.");

    alice.close();
    bob.expect_line(alice.who() + " has left");
    auto& carol = connect("carol");
    carol.expect_greeting();
    bob.expect_line(carol.who() + " has arrived");
    is_there(carol, {&bob});
    bob.send_line("Welcome.");
    bob.expect_line(bob.who() + ": Welcome.");
    carol.expect_line(bob.who() + ": Welcome.");
    bob.close();
    carol.expect_line(bob.who() + " has left");
}

TEST_F(Chat, ServerReproducesTheConversationInTheBookThroughNetcat) {
    if (!netcat::available()) GTEST_SKIP() << "there is no netcat here (package netcat-openbsd)";
    netcat first(talk, "first window", server().where());
    auto& alice = first.window();
    alice.expect_greeting();
    is_there(alice);
    netcat second(talk, "second window", server().where());
    auto& bob = second.window();
    bob.expect_greeting();
    alice.expect_line(bob.who() + " has arrived");
    is_there(bob, {&alice});

    alice.send_line("Hi!");
    alice.expect_line(alice.who() + ": Hi!");
    bob.expect_line(alice.who() + ": Hi!");
    bob.send_line("Hi yourself.");
    bob.expect_line(bob.who() + ": Hi yourself.");
    alice.expect_line(bob.who() + ": Hi yourself.");

    first.interrupt();
    bob.expect_line(alice.who() + " has left");
    netcat third(talk, "third window", server().where());
    auto& carol = third.window();
    carol.expect_greeting();
    bob.expect_line(carol.who() + " has arrived");
    is_there(carol, {&bob});
    bob.send_line("Welcome.");
    bob.expect_line(bob.who() + ": Welcome.");
    carol.expect_line(bob.who() + ": Welcome.");
    second.interrupt();
    carol.expect_line(bob.who() + " has left");
}

}  // namespace
}  // namespace rendezvous::contracts

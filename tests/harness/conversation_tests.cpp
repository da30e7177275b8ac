#include "tests/harness/conversation.hpp"

#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>

#include "tests/harness/process.hpp"

namespace rendezvous::harness {
namespace {

// What a student reads when a test fails, word for word, so that no change makes it worse unseen.
TEST(Conversation, FailureReadsAsAConversation) {
    conversation talk;
    talk.introduce("alice", "127.0.0.1:40312");
    talk.does("alice", "connects");
    talk.receives("alice", "You are 127.0.0.1:40312");
    talk.introduce("bob", "127.0.0.1:4031");
    talk.does("bob", "connects");
    talk.receives("bob", "You are 127.0.0.1:4031");
    talk.receives("alice", "127.0.0.1:4031 has arrived");
    talk.sends("bob", "Hi!");
    talk.look_first_at("what is said here where nothing better is known.");
    talk.keep_to_yourself(true);
    std::string printed;
    try {
        talk.fail_expecting("bob", "127.0.0.1:4031: Hi!", "127.0.0.1:4031 has arrived",
                            {"127.0.0.1:4031: Hi!"});
    } catch (const mismatch& failure) {
        EXPECT_EQ(failure.headline(), "bob expected `bob: Hi!`, but came `bob has arrived`.");
        printed = failure.report();
    }
    EXPECT_EQ(printed,
              "bob expected `bob: Hi!`, but came `bob has arrived`.\n"
              "\n"
              "    alice    connects\n"
              "    alice <- You are alice\n"
              "    bob      connects\n"
              "    bob   <- You are bob\n"
              "    alice <- bob has arrived\n"
              "    bob   -> Hi!\n"
              "    bob   !! expected `bob: Hi!`\n"
              "    bob   !! but came `bob has arrived`\n"
              "    bob   !! and then `bob: Hi!`\n"
              "\n"
              "    alice is 127.0.0.1:40312, bob is 127.0.0.1:4031.\n"
              "    -> is sent to the server, <- comes from it.\n"
              "\n"
              "Look first at the order of two steps in a client's task: first it\n"
              "announces the arrival, and then the client enters.  If the\n"
              "announcement waits in a buffer, entering overtakes it.\n");
}

TEST(Conversation, BinaryAndLongLinesAreShownReadably) {
    conversation talk;
    talk.sends("alice", std::string("\x1b[31m\0\r", 7));
    talk.receives("alice", std::string(65535, 'x'));
    EXPECT_EQ(talk.str(),
              "alice -> \\x1b[31m\\0\\r\n"
              "alice <- " +
                  std::string(25, 'x') + " ... " + std::string(12, 'x') + " (65,535 bytes)\n");
}

TEST(Conversation, LongLineIsShortenedOnce) {
    conversation talk;
    talk.sends("alice", std::string(4000, 'x'));
    EXPECT_EQ(talk.str(), "alice -> " + std::string(25, 'x') + " ... " + std::string(12, 'x') +
                              " (4,000 bytes)\n");
}

// What a line that came instead says about the mistake.
TEST(Conversation, HintsFollowFromWhatWasExpectedAndWhatCame) {
    auto hint = [](const std::string& expected, const std::string& came) {
        conversation talk;
        talk.keep_to_yourself(true);
        talk.introduce("alice", "127.0.0.1:4001");
        talk.receives("bob", "127.0.0.1:4001 has left");
        talk.look_first_by_default_at("nothing better.");
        try {
            talk.fail_expecting("bob", "127.0.0.1:4001" + expected, "127.0.0.1:4001" + came);
        } catch (const mismatch&) {}
        return talk.look_first().substr(0, talk.look_first().find(':'));
    };
    EXPECT_EQ(hint(": Hi!", ": Hi!\\r"), "where a line ends");
    EXPECT_EQ(hint(" has left", ": Hi!"),
              "the end of a client's task, however it comes about (end of file, a reset, a line "
              "that is too long)");
    EXPECT_EQ(hint(": Hi!", " has left"), "the end of a client's task");
    EXPECT_EQ(hint(" has arrived", ": Hi!"), "the beginning of a client's task");
    EXPECT_EQ(hint(": Hi!", ": Ho!"), "nothing better.");
}

TEST(Conversation, OnlyTheNewestEventsOfALongLogArePrinted) {
    conversation talk;
    for (int i = 1; i <= 5000; ++i) talk.sends("alice", "line " + std::to_string(i));
    EXPECT_EQ(talk.str(2),
              "... (4,998 earlier events)\n"
              "alice -> line 4999\n"
              "alice -> line 5000\n");
}

TEST(Conversation, RepeatedLineIsPrintedOnce) {
    conversation talk;
    for (int i = 0; i < 3; ++i) talk.sends("alice", "");
    EXPECT_EQ(talk.str(), "alice ->   (3 times)\n");
}

TEST(Conversation, OnlyTheNewestAddressOfANameIsListed) {
    conversation talk;
    talk.introduce("alice", "127.0.0.1:1");
    talk.receives("alice", "You are 127.0.0.1:1");
    talk.introduce("alice", "127.0.0.1:2");
    talk.receives("alice", "You are 127.0.0.1:2");
    auto report = talk.report("It failed.");
    EXPECT_NE(report.find("    alice <- You are alice\n    alice <- You are alice\n"),
              std::string::npos)
        << report;
    EXPECT_NE(report.find("\n    alice is 127.0.0.1:2.\n    -> is sent"), std::string::npos)
        << report;
}

TEST(Conversation, FailureEndsTheTestAndIsReportedOnce) {
    EXPECT_NONFATAL_FAILURE(
        {
            conversation talk;
            try {
                talk.fail("The server said nothing.");
                ADD_FAILURE() << "it must not go on";
            } catch (const testing::AssertionException&) {  // as GoogleTest does
            }
        },
        "The server said nothing.");
}

TEST(Conversation, EndOfTheServerAndItsStandardErrorArePrinted) {
    process server({.argv = {"sh", "-c", "echo 'fatal: 127.0.0.1:7 is odd' >&2; kill -SEGV $$"}});
    server.wait(deadline(10s));
    conversation talk;
    talk.introduce("alice", "127.0.0.1:7");
    talk.watch(&server);
    talk.sends("alice", "Hi!");
    auto report = talk.report("alice expected something.");
    EXPECT_NE(report.find("\nThe server has ended: killed by signal 11 (Segmentation fault).\n"
                          "\nThe server wrote on standard error:\n"
                          "    fatal: alice is odd\n"),
              std::string::npos)
        << report;
}

TEST(Conversation, RepeatedErrorsArePrintedOnceAndOnlyTheLastOfMany) {
    process server({.argv = {"sh", "-c",
                             "for i in 1 2 3; do echo same >&2; done;"
                             "i=0; while [ $i -lt 30 ]; do i=$((i+1)); echo line $i >&2; done"}});
    server.wait(deadline(10s));
    conversation talk;
    talk.watch(&server);
    auto report = talk.report("x");
    EXPECT_NE(report.find("    ... (11 earlier lines)\n    line 11\n"), std::string::npos)
        << report;
    EXPECT_NE(report.find("    line 30\n"), std::string::npos) << report;
}

}  // namespace
}  // namespace rendezvous::harness

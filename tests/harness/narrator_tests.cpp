#include "tests/harness/narrator.hpp"

#include <gtest/gtest.h>

namespace rendezvous::harness {
namespace {

settings judged_as_09() {
    settings how;
    how.stage.emplace();
    how.stage->folder = "09-fiber-select";
    how.stage->title = "Fibers and select";
    how.stage->question = "how?";
    how.stage_path = "stages/09-fiber-select";
    how.foreign = true;
    how.program = "contracts";
    how.command = {"python3", "my chat.py", "{port}"};
    return how;
}

TEST(Summary, SaysWhatHoldsWhatDoesNotAndWhereToLook) {
    std::vector<result> results = {
        {"Chat", "NewcomerIsToldItsOwnAddress", result::passed},
        {"Chat", "ClosingIsLeaving", result::passed},
        {"LastLines", "LineBeforeTheEndComesBack", result::failed, "worse", "",
         "`alice: line 1` did not come back before the end.\n\n    alice connects\n"},
        {"LastLines", "ManyLinesBeforeTheEndComeBack", result::passed, "as promised"},
        {"SlowReaderIsolated", "OthersAreServedWhileOneDoesNotRead", result::passed, "as missing"},
        {"NewcomerMissesNothing", "NothingIsSaidBetweenArrivalAndEntering", result::passed,
         "better"},
        {"Order", "AllReceiversSeeOneOrder", result::skipped, "", "", "there is no time"},
    };
    EXPECT_EQ(
        summary(judged_as_09(), results, false),
        R"(
Judged as 09-fiber-select, Fibers and select: how?
  python3 'my chat.py' {port}

  Holds:
    chat                     2 tests

  As good as the stage:
    slow reader isolated     missing, as the stage says

  Better than the stage:
    newcomer misses nothing  holds, and the stage does without it

  Not tried:
    all receivers see one order: there is no time

Does not hold:

  last lines (1 test of 2)
    It means: A client that half-closes receives everything that it said before, and then end of
    file.
    The book's own program, in Go, is known to fail here: it closes the connection without
    waiting for the goroutine that writes to it.
    `alice: line 1` did not come back before the end.
      - line before the end comes back
    Look first at the end of a client's task: the connection may be closed only when its writer
    has written everything (join the writer first), and nothing that was said may wait in a
    buffer that leaving overtakes.  A last line without a newline is a line too.

  To see only the first of these again:
    contracts --stage stages/09-fiber-select --foreign )"
        "--gtest_filter=LastLines.LineBeforeTheEndComesBack -- python3 'my chat.py' {port}\n");
}

TEST(Summary, WhatFailsForOneReasonStandsTogetherWithItsHint) {
    auto failed = [](const char* name, const char* message) {
        return result{"Order", name, result::failed, "", "", message};
    };
    const char* lost = "A line was lost.\n\n    alice -> Hi!\n\nLook first at the\nmiddle.\n";
    auto text = summary(judged_as_09(),
                        {failed("One", lost), failed("Two", "It died.\n\nLook first at the end.\n"),
                         failed("Three", lost), failed("Four", lost), failed("Five", lost),
                         failed("Six", lost), failed("Seven", lost), failed("Eight", lost)},
                        false);
    auto from = text.find("    A line was lost.");
    EXPECT_EQ(text.substr(from, text.find("\n\n", from) - from), R"(    A line was lost.
      - one
      - three
      - four
      - five
      - six
      - ... and 2 more tests
    Look first at the middle.
    It died.
      - two
    Look first at the end.)");
}

TEST(Summary, IsShortWhereEverythingFailsForOneReason) {
    auto refused = [](const char* suite, const char* name, const std::string& port) {
        return result{suite,
                      name,
                      result::failed,
                      "",
                      "",
                      "alice cannot connect to 127.0.0.1:" + port +
                          ": Connection refused.\n\nLook first at the\nport.\n"};
    };
    auto text = summary(judged_as_09(),
                        {refused("Chat", "One", "4001"), refused("Chat", "Two", "4002"),
                         refused("Order", "Three", "4003"), refused("LastLines", "Four", "4004")},
                        false);
    auto from = text.find("\nDoes not hold:");
    EXPECT_EQ(text.substr(from), R"(
Does not hold:

  All 4 tests fail for one reason:
    alice cannot connect to 127.0.0.1:4001: Connection refused.
    Look first at the port.

  To see only the first of these again:
    contracts --stage stages/09-fiber-select --foreign )"
                                 "--gtest_filter=Chat.One -- python3 'my chat.py' {port}\n");
}

TEST(Summary, IsColouredOnlyWhereAsked) {
    std::vector<result> results = {{"Chat", "ClosingIsLeaving", result::passed}};
    EXPECT_EQ(summary(judged_as_09(), results, false).find('\x1b'), std::string::npos);
    EXPECT_NE(summary(judged_as_09(), results, true).find("\x1b[32mchat"), std::string::npos);
}

}  // namespace
}  // namespace rendezvous::harness

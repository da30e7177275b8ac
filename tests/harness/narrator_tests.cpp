#include "tests/harness/narrator.hpp"

#include <gtest/gtest.h>

#include <cstdlib>

#include "tests/harness/text.hpp"

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
        {"Chat", "EmptyLineIsALine", result::passed},
        {"LastLines", "LineBeforeAHalfCloseComesBack", result::failed, "worse", "",
         "`alice: line 1` did not come back before the end.\n\n    alice connects\n"},
        {"LastLines", "ManyLinesBeforeAHalfCloseComeBack", result::passed, "as promised"},
        {"SlowReaderIsolated", "OtherClientsAreServedWhileOneDoesNotRead", result::passed,
         "as missing"},
        {"NewcomerMissesNothing", "NewcomerReceivesEveryLineAfterItsArrival", result::passed,
         "better"},
        {"Order", "AllReceiversSeeTheSameOrder", result::skipped, "", "", "there is no time"},
    };
    EXPECT_EQ(summary(judged_as_09(), results, false),
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
    all receivers see the same order: there is no time

Does not hold:

  last lines (1 test of 2)
    It means: A client that half-closes receives everything that it said before,
    and then end of file.
    The book's own program, in Go, is known to fail here: it closes the
    connection without waiting for the goroutine that writes to it.
    `alice: line 1` did not come back before the end.
      - line before a half close comes back
    Look first at the end of a client's task: it may close the connection only
    when the writer has written everything (join the writer first), and no line
    may wait in a buffer that leaving overtakes.  A last line without a newline
    is a line too.

  To see only the first of these again:
    contracts --stage stages/09-fiber-select --foreign --only \
      LastLines.LineBeforeAHalfCloseComesBack -- python3 'my chat.py' {port}
)");
}

TEST(Summary, ListsTestsThatFailForOneReasonTogetherWithItsHint) {
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
    contracts --stage stages/09-fiber-select --foreign --only Chat.One -- \
      python3 'my chat.py' {port}
)");
}

TEST(Summary, UsesColorOnlyWhereAsked) {
    std::vector<result> results = {{"Chat", "EmptyLineIsALine", result::passed}};
    EXPECT_EQ(summary(judged_as_09(), results, false).find('\x1b'), std::string::npos);
    EXPECT_NE(summary(judged_as_09(), results, true).find("\x1b[32mchat"), std::string::npos);
}

TEST(Summary, RepeatsTheFirstFailureAsItWasCalled) {
    auto how = judged_as_09();
    how.called_as = "./course test 9";
    const std::vector<result> results = {
        {"Chat", "EmptyLineIsALine", result::failed, "", "", "No."}};
    EXPECT_TRUE(
        summary(how, results, false)
            .ends_with(
                "\n    ./course test 9 --only Chat.EmptyLineIsALine -- python3 'my chat.py' \\\n"
                "      {port}\n"))
        << summary(how, results, false);
    how.foreign = false;  // then the course knows how to start it
    EXPECT_TRUE(summary(how, results, false)
                    .ends_with("\n    ./course test 9 --only Chat.EmptyLineIsALine\n"));
}

TEST(Summary, NamesWhatWasNotTried) {
    auto how = judged_as_09();
    how.quick = true;
    auto text = summary(how,
                        {{"Chat", "EmptyLineIsALine", result::passed},
                         {"LastLines", "One", result::not_tried},
                         {"LastLines", "Two", result::not_tried}},
                        false);
    EXPECT_NE(text.find("\n  Not tried:\n    last lines  2 tests\n"), std::string::npos) << text;
    EXPECT_NE(
        text.find("\n  --quick repeats its attempts less often, and leaves out: command line,\n"),
        std::string::npos)
        << text;
}

TEST(Summary, FitsTheScreen) {
    auto how = judged_as_09();
    how.stage->question = std::string(100, '?');
    std::string message(300, 'x');
    message.append("\n\nLook first at ").append(300, 'y');
    const std::vector<result> results = {
        {"Chat", "EmptyLineIsALine", result::failed, "", "", message},
        {"Order", "AllReceiversSeeTheSameOrder", result::skipped, "", "", std::string(300, 'z')}};
    for (std::size_t columns : {40u, 80u, 100u}) {
        how.columns = columns;
        for (const auto& line : split_lines(summary(how, results, false)))
            EXPECT_LE(line.size(), columns) << line;
    }
}

TEST(Judgement, RunThatJudgedNothingIsAnErrorThatSaysWhy) {
    const auto complaint = [](const std::vector<result>& results) -> std::string {
        try {
            require_judgement(results);
        } catch (const setup_error& why) {
            return why.what();
        }
        return "";
    };
    EXPECT_EQ(complaint({{"Chat", "One", result::passed}, {"Chat", "Two", result::skipped}}), "");
    EXPECT_EQ(complaint({{"Chat", "One", result::failed}}), "");
    EXPECT_EQ(complaint({{"Chat", "OverIpv6", result::skipped, "", "", "there is no ::1."}}),
              "nothing was judged:\n  over ipv6 was skipped: there is no ::1.");
    ::setenv("GTEST_OF_THIS_TEST", "1", 1);
    EXPECT_NE(complaint({}).find("nothing was judged: no test ran.  "), std::string::npos);
    EXPECT_NE(complaint({}).find("\n  GTEST_OF_THIS_TEST=1"), std::string::npos);
    ::unsetenv("GTEST_OF_THIS_TEST");
}

}  // namespace
}  // namespace rendezvous::harness

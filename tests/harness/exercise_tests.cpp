#include "tests/harness/exercise.hpp"

#include <gmock/gmock.h>

#include <algorithm>

#include "tests/harness/text.hpp"

namespace rendezvous::harness {
namespace {

settings with(exercise task) {
    settings how;
    how.stage.emplace();
    how.stage->folder = "09-fiber-select";
    how.task = std::move(task);
    return how;
}

settings close_the_gap() {
    return with({.name = "close-the-gap",
                 .asks = "Make arriving one event and leaving one event, so that nobody misses a "
                         "line.",
                 .capabilities = {{"newcomer misses nothing", promise::holds},
                                  {"leaver misses nothing", promise::holds},
                                  {"slow reader bounded", promise::either}}});
}

result passed(const char* suite, const char* verdict = "") {
    return {suite, "Something", result::passed, verdict};
}

result failed(const char* suite, const char* name, const char* message) {
    return {suite, name, result::failed, "worse", "", message};
}

TEST(Part, CapabilitiesThatChangeAreTheGoalAndTheRestAreTheOthers) {
    auto how = close_the_gap();
    EXPECT_EQ(part_of(how, "NewcomerMissesNothing", "X"), part::goal);
    EXPECT_EQ(part_of(how, "Chat", "X"), part::others);
    EXPECT_EQ(part_of(how, "Shutdown", "X"), part::others);
    EXPECT_EQ(part_of(how, "SlowReaderBounded", "X"), part::others) << "it may change";
    EXPECT_EQ(part_of(how, "Echo", "X"), part::neither) << "another kind of server";
    EXPECT_EQ(part_of(how, "Roster", "X"), part::neither) << "another exercise";
}

TEST(Part, TestsAreNamedByTheirSuiteOrOneByOne) {
    auto roster = with({.name = "roster", .asks = "x", .tests = "Roster"});
    EXPECT_EQ(part_of(roster, "Roster", "X"), part::goal);
    EXPECT_EQ(part_of(roster, "Ros", "ter"), part::neither);
    EXPECT_EQ(part_of(roster, "NewcomerMissesNothing", "X"), part::others);

    auto half_close = with({.name = "half-close", .asks = "x", .tests = "Netcat.HalfCloses"});
    half_close.stage->kind = kind::client;  // whose own tests are all that there is
    EXPECT_EQ(part_of(half_close, "Netcat", "HalfCloses"), part::goal);
    EXPECT_EQ(part_of(half_close, "Netcat", "HalfClosesNot"), part::others);
    EXPECT_EQ(part_of(half_close, "Chat", "X"), part::others);
}

TEST(ExerciseReport, SaysWhatDoesNotHoldYetAndWhereToLook) {
    EXPECT_EQ(exercise_report(close_the_gap(),
                              {failed("NewcomerMissesNothing", "Something",
                                      "After `has arrived` the others received 2 lines that it did "
                                      "not.\n"),
                               passed("LeaverMissesNothing")},
                              {}, false),
              R"(09 close-the-gap: not yet.

  Asked: Make arriving one event and leaving one event, so that nobody misses a
  line.

  holds    leaver misses nothing
  not yet  newcomer misses nothing
           After `has arrived` the others received 2 lines that it did not.

  Look first at whether announcing an arrival and entering the room are one
  event or two: between two events, a line from another client may pass.

  The other tests run once this holds.
)");
}

constexpr const char* conversation = R"(bob expected `alice is here`, but came `bob: Hello!`.

    one
    two
    three
    four
    five
    six
    bob !! but came `bob: Hello!`

    bob is 127.0.0.1:1.
    -> is sent to the server, <- comes from it.

Look first at the
names.
)";

TEST(ExerciseReport, ShowsTheEndOfTheFirstConversationAndItsHint) {
    auto how = with({.name = "roster", .asks = "A roster.", .tests = "Roster"});
    EXPECT_EQ(exercise_report(how,
                              {failed("Roster", "NewcomerIsTold", conversation),
                               failed("Roster", "LeaverIsNot", conversation)},
                              {}, false),
              R"(09 roster: not yet.

  Asked: A roster.

  not yet  newcomer is told
           bob expected `alice is here`, but came `bob: Hello!`.

    four
    five
    six
    bob !! but came `bob: Hello!`

  not yet  leaver is not

  Look first at the names.

  The other tests run once this holds.
)");
}

TEST(ExerciseReport, ShowsTheStandardErrorOfAServerThatEnded) {
    auto how = with({.name = "roster", .asks = "A roster.", .tests = "Roster"});
    EXPECT_EQ(exercise_report(how, {failed("Roster", "NewcomerIsTold", R"(The server ended: so what?

    bob      connects
    bob !!   but the server closed the connection

    bob is 127.0.0.1:1.
    -> is sent to the server, <- comes from it.

The server has ended: killed by signal 6 (Aborted).

The server wrote on standard error:
    terminate called after throwing an instance of 'std::out_of_range'
      what():  map::at

Look first at why the server ended: what it wrote on standard error, if anything.
)")},
                              {}, false),
              R"(09 roster: not yet.

  Asked: A roster.

  not yet  newcomer is told
           The server ended: so what?

    bob      connects
    bob !!   but the server closed the connection

  The server wrote on standard error:
    terminate called after throwing an instance of 'std::out_of_range'
      what():  map::at

  Look first at why the server ended: what it wrote on standard error, if
  anything.

  The other tests run once this holds.
)");
}

TEST(ExerciseReport, SaysThatItIsSolvedAndWhatElseWasTested) {
    EXPECT_EQ(exercise_report(close_the_gap(),
                              {passed("NewcomerMissesNothing"), passed("LeaverMissesNothing")},
                              {passed("Chat"),
                               passed("Chat"),
                               passed("SlowReaderBounded", "as missing"),
                               {"Crowd", "Something", result::skipped}},
                              false),
              R"(09 close-the-gap: solved.

  Asked: Make arriving one event and leaving one event, so that nobody misses a
  line.

  holds    newcomer misses nothing
  holds    leaver misses nothing

  Unchanged: chat.
  Left open by the task: slow reader bounded (missing).
)");
}

TEST(ExerciseReport, NamesWhatTheSolutionBroke) {
    EXPECT_EQ(exercise_report(close_the_gap(), {passed("NewcomerMissesNothing")},
                              {passed("Chat"), failed("Order", "AllSeeOneOrder", "Two differ.\n"),
                               passed("Order"), passed("Crowd")},
                              false),
              R"(09 close-the-gap: it holds, but something else no longer does.

  Asked: Make arriving one event and leaving one event, so that nobody misses a
  line.

  holds    newcomer misses nothing

  broken   order
           Two differ.

  Look first at what writes to the clients: it must be one task for all of them
  (the broadcaster), or one lock around the whole round.  One client's lines
  must not overtake each other.

  Unchanged: chat, crowd.
)");
}

TEST(ExerciseReport, FitsTheScreenAndUsesColorOnlyWhereAsked) {
    auto how = with({.name = "roster", .asks = std::string(150, 'x'), .tests = "Roster"});
    const std::vector<result> goal = {failed("Roster", "NewcomerIsTold", conversation),
                                      passed("Roster"),
                                      failed("Roster", "LeaverIsNot", conversation)};
    auto plain = exercise_report(how, goal, {}, false);
    EXPECT_LE(split_lines(plain).size(), 24u);
    how.task->asks = "A roster.";
    plain = exercise_report(how, goal, {}, false);
    for (const auto& line : split_lines(plain)) EXPECT_LE(line.size(), 80u) << line;
    EXPECT_EQ(plain.find('\x1b'), std::string::npos);
    EXPECT_NE(exercise_report(how, goal, {}, true).find("\x1b[31mnot yet"), std::string::npos);
}

}  // namespace
}  // namespace rendezvous::harness

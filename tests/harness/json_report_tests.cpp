#include "tests/harness/json_report.hpp"

#include <gtest/gtest.h>

namespace rendezvous::harness {
namespace {

TEST(JsonReport, SaysWhatWasPromisedWhatWasFoundAndWhy) {
    settings how;
    how.stage.emplace();
    how.stage->folder = "09-fiber-select";
    how.stage->capabilities = {{"last lines", promise::holds},
                               {"slow reader isolated", promise::missing}};
    how.command = {"mine", "{port}"};
    const std::vector<result> results = {
        {"LastLines", "OneComesBack", result::failed, "worse", "a \xff was lost",
         "A line was lost.\n\n    alice -> Hi!\n\nLook first at the\nend.\n", 0.5},
        {"LastLines", "TwoComeBack", result::passed},
        {"SlowReaderIsolated", "OthersAreServed", result::passed, "as missing", "they stood still"},
        {"Crowd", "Comes", result::skipped, "", "", "there is no time"},
        {"Order", "IsTheSame", result::not_tried},
    };
    EXPECT_EQ(json_report(how, results, 130, "Interrupted."), R"({
  "format": 1,
  "stage": "09-fiber-select",
  "command": [
    "mine",
    "{port}"
  ],
  "quick": false,
  "status": 130,
  "score": 0.5,
  "problem": "Interrupted.",
  "capabilities": [
    {
      "name": "last lines",
      "promised": "holds",
      "found": "fails",
      "tests": [
        {
          "name": "LastLines.OneComesBack",
          "says": "one comes back",
          "result": "failed",
          "seconds": 0.5,
          "saw": "a � was lost",
          "reason": "A line was lost.",
          "hint": "Look first at the end.",
          "conversation": "A line was lost.\n\n    alice -> Hi!\n\nLook first at the\nend.\n"
        },
        {
          "name": "LastLines.TwoComeBack",
          "says": "two come back",
          "result": "passed",
          "seconds": 0.0
        }
      ]
    },
    {
      "name": "slow reader isolated",
      "promised": "missing",
      "found": "missing",
      "tests": [
        {
          "name": "SlowReaderIsolated.OthersAreServed",
          "says": "others are served",
          "result": "passed",
          "seconds": 0.0,
          "saw": "they stood still"
        }
      ]
    },
    {
      "name": "crowd",
      "promised": "holds",
      "found": "skipped",
      "tests": [
        {
          "name": "Crowd.Comes",
          "says": "comes",
          "result": "skipped",
          "seconds": 0.0,
          "reason": "there is no time"
        }
      ]
    },
    {
      "name": "order",
      "promised": "missing",
      "found": "not tried",
      "tests": [
        {
          "name": "Order.IsTheSame",
          "says": "is the same",
          "result": "not tried",
          "seconds": 0.0
        }
      ]
    }
  ]
}
)");
}

TEST(JsonReport, ScoreIsTheMeanOverCapabilitiesOfTheShareThatPassed) {
    const auto test = [](const char* suite, auto how) { return result{suite, "X", how}; };
    EXPECT_EQ(score({}), 0);
    EXPECT_EQ(score({test("A", result::passed), test("A", result::passed)}), 1);
    EXPECT_EQ(
        score({test("A", result::passed), test("A", result::failed), test("B", result::passed)}),
        0.75);
    EXPECT_EQ(score({test("A", result::passed), test("B", result::not_tried)}), 0.5);
    EXPECT_EQ(
        score({test("A", result::passed), test("A", result::skipped), test("B", result::skipped)}),
        1);
}

}  // namespace
}  // namespace rendezvous::harness

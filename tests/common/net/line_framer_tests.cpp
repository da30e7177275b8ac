#include "common/net/line_framer.hpp"

#include <gmock/gmock.h>

#include <string>
#include <vector>

using rendezvous::line_framer;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

namespace {

using pieces = std::vector<std::string>;

struct framed {
    std::vector<std::string> lines;
    bool over;
};

// Feeds the pieces as a reader does: it takes every line there is before it waits for more.
framed frame(const pieces& input, bool then_end_of_file) {
    line_framer framer;
    std::vector<std::string> lines;
    const auto take_all = [&] {
        while (auto line = framer.next()) lines.push_back(*line);
    };
    for (const auto& piece : input) {
        framer.feed(piece);
        take_all();
    }
    if (then_end_of_file) framer.end_of_file();
    take_all();
    return {lines, framer.over()};
}

std::vector<std::string> lines_of(const std::string& input) { return frame({input}, true).lines; }

// Every one of the 2^(n-1) ways to cut n bytes into pieces.
std::vector<pieces> all_cuts(const std::string& input) {
    std::vector<pieces> all;
    for (unsigned cuts = 0; cuts < 1u << (input.size() - 1); ++cuts) {
        pieces cut{input.substr(0, 1)};
        for (std::size_t i = 1; i < input.size(); ++i) {
            if (cuts & (1u << (i - 1))) cut.emplace_back();
            cut.back() += input[i];
        }
        all.push_back(cut);
    }
    return all;
}

const std::string longest(line_framer::max_line, 'x');

}  // namespace

TEST(LineFramer, YieldsLinesWithoutTheirEnds) {
    EXPECT_THAT(lines_of("one\ntwo\n"), ElementsAre("one", "two"));
}

TEST(LineFramer, DropsOneCarriageReturnBeforeANewline) {
    EXPECT_THAT(lines_of("one\r\ntwo\r\r\n"), ElementsAre("one", "two\r"));
}

TEST(LineFramer, LeavesACarriageReturnElsewhereAlone) {
    EXPECT_THAT(lines_of("o\rne\n\rtwo\n"), ElementsAre("o\rne", "\rtwo"));
}

TEST(LineFramer, EmptyLineIsALine) { EXPECT_THAT(lines_of("\n\r\n\n"), ElementsAre("", "", "")); }

TEST(LineFramer, TextAfterTheLastNewlineIsALineAtTheEndOfFile) {
    EXPECT_THAT(lines_of("one\ntwo"), ElementsAre("one", "two"));
    EXPECT_THAT(lines_of("one\ntwo\r"), ElementsAre("one", "two"));
}

TEST(LineFramer, YieldsNoLineWhenNothingFollowsTheLastNewline) {
    EXPECT_THAT(lines_of("one\n"), ElementsAre("one"));
    EXPECT_THAT(lines_of(""), IsEmpty());
}

TEST(LineFramer, LoneCarriageReturnAtTheEndOfFileIsAnEmptyLineAsInGo) {
    EXPECT_THAT(lines_of("\r"), ElementsAre(""));
}

TEST(LineFramer, KeepsTextAfterTheLastNewlineUntilTheEndOfFile) {
    const auto [lines, over] = frame({"one\ntwo"}, false);
    EXPECT_THAT(lines, ElementsAre("one"));
    EXPECT_FALSE(over);
}

TEST(LineFramer, CarriesZeroesAndAllOtherBytes) {
    std::string every_byte;
    for (int byte = 0; byte < 256; ++byte)
        if (byte != '\n') every_byte += static_cast<char>(byte);
    EXPECT_THAT(lines_of(every_byte + "\n"), ElementsAre(every_byte));
}

TEST(LineFramer, YieldsTheSameLinesHoweverTheInputIsCut) {
    for (const std::string input :
         {"a\nbc\r\n\n\r\nd\re", "\r\r\n\n\r\r\n\r", "one\ntwo\nend\n", "\n\n\n\n\n\n\n\n\n\n"}) {
        const auto whole = lines_of(input);
        for (const auto& cut : all_cuts(input))
            ASSERT_EQ(frame(cut, true).lines, whole) << testing::PrintToString(cut);
    }
}

TEST(LineFramer, CarriesTheLongestLineHoweverItIsCut) {
    for (const std::size_t piece : {1ul, 7ul, 4096ul, 65535ul, 65536ul, 131072ul}) {
        line_framer framer;
        std::vector<std::string> lines;
        const auto input = longest + "\n" + longest + "\n";
        for (std::size_t at = 0; at < input.size(); at += piece) {
            framer.feed(std::string_view(input).substr(at, piece));
            while (auto line = framer.next()) lines.push_back(*line);
        }
        EXPECT_THAT(lines, ElementsAre(longest, longest)) << "in pieces of " << piece;
        EXPECT_FALSE(framer.over());
    }
}

TEST(LineFramer, YieldsNothingAfterAnOverlongLine) {
    const auto [lines, over] = frame({"one\n" + longest + "x\ntwo\n"}, true);
    EXPECT_THAT(lines, ElementsAre("one"));
    EXPECT_TRUE(over);
}

TEST(LineFramer, OverlongLineIsDetectedBeforeItsEnd) {
    EXPECT_FALSE(frame({longest}, false).over);
    EXPECT_TRUE(frame({longest, "x"}, false).over);
}

TEST(LineFramer, CarriageReturnCountsTowardTheLengthOfALine) {
    EXPECT_THAT(frame({longest + "\r\n"}, true).lines, IsEmpty());
    EXPECT_THAT(frame({longest.substr(1) + "\r\n"}, true).lines, ElementsAre(SizeIs(65'534)));
}

TEST(LineFramer, LimitAppliesAtTheEndOfFileToo) {
    EXPECT_THAT(frame({longest}, true).lines, ElementsAre(longest));
    EXPECT_THAT(frame({longest + "x"}, true).lines, IsEmpty());
}

TEST(LineFramer, IsFinishedOnlyWhenTheLastLineHasBeenTaken) {
    line_framer framer;
    framer.feed("one\ntwo");
    framer.end_of_file();
    EXPECT_FALSE(framer.over());
    EXPECT_EQ(framer.next(), "one");
    EXPECT_FALSE(framer.over());
    EXPECT_EQ(framer.next(), "two");
    EXPECT_TRUE(framer.over());
    EXPECT_EQ(framer.next(), std::nullopt);
}

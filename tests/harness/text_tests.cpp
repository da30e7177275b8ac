#include "tests/harness/text.hpp"

#include <gtest/gtest.h>

namespace rendezvous::harness {
namespace {

TEST(Text, ControlCharactersAndInvalidBytesAreShownAsEscapes) {
    EXPECT_EQ(readable("plain, \xc3\xa4\xe2\x82\xac"), "plain, \xc3\xa4\xe2\x82\xac");
    EXPECT_EQ(readable(std::string("a\0b\r\n\t", 6)), "a\\0b\\r\\n\\t");
    EXPECT_EQ(readable("\x1b[2J\x07\x7f"), "\\x1b[2J\\x07\\x7f");
    EXPECT_EQ(readable("\xff\xc3(\xe2\x82"), "\\xff\\xc3(\\xe2\\x82");
    EXPECT_EQ(readable("\xc2\x9b"), "\\xc2\\x9b") << "an 8-bit control character";
}

TEST(Text, LongTextsAreShortenedInTheMiddle) {
    EXPECT_EQ(readable(std::string(50, 'a') + std::string(50, 'b'), 20),
              "aaaaaaaaaa ... bbbbb (100 bytes)");
    EXPECT_EQ(readable(std::string(65535, 'x'), 8), "xxxx ... xx (65,535 bytes)");
}

TEST(Text, NamesOfTestsAreSentencesAndNamesOfCapabilitiesSuites) {
    EXPECT_EQ(sentence("NewcomerDoesNotSeeItsOwnArrival"), "newcomer does not see its own arrival");
    EXPECT_EQ(camel_case("newcomer misses nothing"), "NewcomerMissesNothing");
    EXPECT_EQ(sentence(camel_case("slow reader isolated")), "slow reader isolated");
}

TEST(Text, ThingsAreCounted) {
    EXPECT_EQ(counted(0, "line"), "0 lines");
    EXPECT_EQ(counted(1, "line"), "1 line");
    EXPECT_EQ(counted(1234567, "byte"), "1,234,567 bytes");
}

TEST(Text, TimesAreShortAndNeverZero) {
    EXPECT_EQ(seconds(0), "1 ms");
    EXPECT_EQ(seconds(0.25), "250 ms");
    EXPECT_EQ(seconds(0.9999), "1 s");
    EXPECT_EQ(seconds(1.25), "1.2 s");
    EXPECT_EQ(seconds(60), "60 s");
}

TEST(Text, CommandsCanBeTypedIntoAShell) {
    EXPECT_EQ(shell_words({"python3", "mine.py", "{port}"}), "python3 mine.py {port}");
    EXPECT_EQ(shell_words({"a b", "", "it's", "$x"}), "'a b' '' 'it'\\''s' '$x'");
}

TEST(Text, LongLinesAreWrappedAtSpacesAndKeepTheirMargin) {
    EXPECT_EQ(wrapped("one two three four", 9, 2), "  one two\n  three\n  four\n");
    EXPECT_EQ(wrapped("one\n    two three", 12, 0), "one\n    two\n    three\n");
    EXPECT_EQ(wrapped("end.  Next", 40, 0), "end.  Next\n");
    EXPECT_EQ(wrapped("It is the end.  Next", 16, 2), "  It is the end.\n  Next\n");
    EXPECT_EQ(wrapped("one\n\ntwo", 40, 2), "  one\n\n  two\n");
}

TEST(Text, WordLongerThanALineIsBrokenButNoCharacterIs) {
    EXPECT_EQ(wrapped("a " + std::string(25, 'x') + " b", 12, 2),
              "  a\n  xxxxxxxxxx\n  xxxxxxxxxx\n  xxxxx b\n");
    EXPECT_EQ(wrapped("\xc3\xa4\xc3\xb6\xc3\xbc six", 10, 0), "\xc3\xa4\xc3\xb6\xc3\xbc six\n");
    EXPECT_EQ(wrapped("123456789\xc3\xa4\xc3\xb6", 10, 0), "123456789\xc3\xa4\n\xc3\xb6\n");
}

TEST(Text, ParagraphHangsBelowItsFirstWords) {
    EXPECT_EQ(wrapped("alice <- one two three", 18, 0, 9), "alice <- one two\n         three\n");
}

TEST(Text, LongCommandCanBePastedAsItIs) {
    EXPECT_EQ(wrapped_command("./course test 9", {"--", "a b", "{port}"}, 80, 2),
              "  ./course test 9 -- 'a b' {port}\n");
    EXPECT_EQ(wrapped_command("./course test 9", {"--only", "Chat.One", "--", "mine"}, 30, 2),
              "  ./course test 9 --only \\\n    Chat.One -- mine\n");
}

}  // namespace
}  // namespace rendezvous::harness

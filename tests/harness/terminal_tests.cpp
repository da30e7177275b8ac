#include "tests/harness/terminal.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <pty.h>
#include <sys/ioctl.h>

#include <cstdlib>
#include <map>

#include "tests/harness/descriptor.hpp"

namespace rendezvous::harness {
namespace {

class Terminal : public testing::Test {
protected:
    void SetUp() override {
        int ends[2];
        ASSERT_EQ(::openpty(&ends[0], &ends[1], nullptr, nullptr, nullptr), 0);
        keyboard_ = descriptor(ends[0]);
        screen = descriptor(ends[1]);
        for (const char* name : {"TERM", "NO_COLOR", "COLUMNS"})
            if (const char* value = std::getenv(name)) before_[name] = value;
        ::setenv("TERM", "xterm", 1);
        ::unsetenv("NO_COLOR");
        ::unsetenv("COLUMNS");
    }
    void TearDown() override {
        for (const char* name : {"TERM", "NO_COLOR", "COLUMNS"})
            before_.count(name) ? ::setenv(name, before_[name].c_str(), 1) : ::unsetenv(name);
    }
    void be_wide(unsigned short columns) const {
        winsize window{};
        window.ws_col = columns;
        ASSERT_EQ(::ioctl(screen.get(), TIOCSWINSZ, &window), 0);
    }

    descriptor screen;
    descriptor none{::open("/dev/null", O_WRONLY | O_CLOEXEC)};

private:
    descriptor keyboard_;
    std::map<std::string, std::string> before_;
};

TEST_F(Terminal, WidthIsThatOfTheWindowUpToALimit) {
    be_wide(72);
    EXPECT_EQ(screen_columns(screen.get()), 72u);
    be_wide(300);
    EXPECT_EQ(screen_columns(screen.get()), 100u);
    be_wide(3);
    EXPECT_EQ(screen_columns(screen.get()), 40u);
    ::setenv("COLUMNS", "90", 1);
    be_wide(72);
    EXPECT_EQ(screen_columns(screen.get()), 72u) << "the window knows better than COLUMNS";
}

TEST_F(Terminal, WidthWithoutAWindowIsThatOfColumnsOrEighty) {
    EXPECT_EQ(screen_columns(none.get()), 80u);
    be_wide(0);  // a serial line does not know its width
    EXPECT_EQ(screen_columns(screen.get()), 80u);
    ::setenv("COLUMNS", "66", 1);
    EXPECT_EQ(screen_columns(none.get()), 66u);
    ::setenv("COLUMNS", "wide", 1);
    EXPECT_EQ(screen_columns(none.get()), 80u);
}

TEST_F(Terminal, EscapesGoOnlyToATerminalThatUnderstandsThem) {
    EXPECT_TRUE(understands_escapes(screen.get()));
    EXPECT_FALSE(understands_escapes(none.get()));
    ::setenv("NO_COLOR", "", 1);
    EXPECT_TRUE(understands_escapes(screen.get())) << "an empty NO_COLOR asks for nothing";
    ::setenv("NO_COLOR", "1", 1);
    EXPECT_FALSE(understands_escapes(screen.get()));
    ::unsetenv("NO_COLOR");
    ::setenv("TERM", "dumb", 1);
    EXPECT_FALSE(understands_escapes(screen.get()));
}

}  // namespace
}  // namespace rendezvous::harness

#include "tests/harness/last_words.hpp"

#include <gmock/gmock.h>
#include <signal.h>

#include <set>

#include "tests/harness/backtrace.hpp"

namespace rendezvous::harness {
namespace {

constexpr int aborted = SIGABRT, crashed = SIGSEGV, status_1 = 1 << 8;

struct example {
    const char* printed;
    std::optional<int> status;
    const char* says;
};

// What each kind of program really prints, shortened.
const example examples[] = {
    {"==7==ERROR: AddressSanitizer: heap-use-after-free on address 0x60\n#0 0x1 in main a.cpp:3\n",
     status_1,
     "a sanitizer's report: ERROR: AddressSanitizer: heap-use-after-free on address 0x60"},
    {"server.cpp:12:3: runtime error: signed integer overflow\n", 0,
     "a sanitizer's report: server.cpp:12:3: runtime error: signed integer overflow"},
    {"terminate called after throwing an instance of 'std::out_of_range'\n"
     "  what():  vector::_M_range_check: __n (which is 1) >= this->size() (which is 1)\n",
     aborted,
     "an uncaught exception: std::out_of_range: vector::_M_range_check: __n (which is 1) >= "
     "this->size() (which is 1)"},
    {"terminate called after throwing an instance of 'int'\n", aborted,
     "an uncaught exception: int"},
    {"libc++abi: terminating due to uncaught exception of type std::logic_error: no such client\n",
     aborted, "an uncaught exception: std::logic_error: no such client"},
    {"terminate called without an active exception\n", aborted,
     "a thread or fiber destroyed without join()"},
    {"libc++abi: terminating\n", aborted, "a thread or fiber destroyed without join()"},
    {"mine: mine.cpp:7: int main(): Assertion `n > 0' failed.\n", aborted,
     "a failed assertion: Assertion `n > 0' failed."},
    {"double free or corruption (fasttop)\n", aborted,
     "damaged memory, found by the C library: double free or corruption (fasttop)"},
    {"panic: send on closed channel\n\ngoroutine 6 [running]:\nmain.handleConn()\n", 2 << 8,
     "a Go panic: send on closed channel"},
    {"fatal error: all goroutines are asleep - deadlock!\n", 2 << 8,
     "a Go runtime error: all goroutines are asleep - deadlock!"},
    {"\nthread 'main' panicked at src/main.rs:4:10:\nindex out of bounds\nnote: run with\n",
     101 << 8, "a Rust panic: src/main.rs:4:10: index out of bounds"},
    {"thread 'main' panicked at 'no', src/main.rs:4:10\nnote: run with\n", 101 << 8,
     "a Rust panic: 'no', src/main.rs:4:10"},
    {"Exception in thread \"main\" java.io.IOException: Broken pipe\n\tat Chat.main(Chat.java:9)\n",
     status_1, "a Java exception: java.io.IOException: Broken pipe"},
    {"Traceback (most recent call last):\n  File \"a.py\", line 1, in <module>\n    f()\n"
     "UnicodeDecodeError: 'utf-8' codec can't decode byte 0xff (invalid start byte)\n",
     status_1,
     "a Python exception: UnicodeDecodeError: 'utf-8' codec can't decode byte 0xff (invalid start "
     "byte)"},
    {"a.js:3\n  throw new Error('gone');\n  ^\n\nError: gone\n    at f (a.js:3:9)\n", status_1,
     "an uncaught JavaScript error: Error: gone"},
    {"", SIGPIPE, "signal 13 (Broken pipe)"},
    {"", crashed, "signal 11 (Segmentation fault)"},
    {"", aborted, "signal 6 (Aborted)"},
    {"", SIGKILL, "signal 9 (Killed)"},
    {"", SIGFPE, "signal 8 (Floating point exception)"},
};

TEST(LastWords, EachKindIsRecognizedNamedAndShownWhole) {
    for (const auto& [printed, status, says] : examples) {
        const auto words = last_words_of(printed, status);
        ASSERT_TRUE(words) << printed;
        EXPECT_EQ(words->str(), says);
    }
}

TEST(LastWords, EachRowOfTheTableHasAnExample) {
    std::set<std::string> advice;
    for (const auto& one : examples) advice.insert(last_words_of(one.printed, one.status)->advice);
    for (const auto& row : last_words_table())
        EXPECT_TRUE(advice.count(row.advice)) << row.name << ": " << row.advice;
}

TEST(LastWords, ReportOfTheProgramTakesPrecedenceOverItsSignal) {
    const auto words =
        last_words_of("terminate called after throwing an instance of 'int'\nAborted\n", aborted);
    EXPECT_EQ(words->name, "an uncaught exception");
}

TEST(LastWords, LastTracebackCounts) {
    const auto words = last_words_of(
        "Traceback (most recent call last):\n  x\nKeyError: 1\n\nDuring handling of that:\n"
        "Traceback (most recent call last):\n  x\nValueError: 2\n",
        status_1);
    EXPECT_EQ(words->text, "ValueError: 2");
}

TEST(LastWords, LogMessagesAreNotLastWords) {
    EXPECT_FALSE(last_words_of("cannot read: Connection reset by peer\nError: bye\n", status_1));
    EXPECT_FALSE(last_words_of("", 0));
    EXPECT_FALSE(last_words_of("", std::nullopt));
}

TEST(LastWords, OnlySanitizerReportsCountAsComplaints) {
    EXPECT_EQ(sanitizer_complaint("terminate called without an active exception\n"), "");
    EXPECT_EQ(sanitizer_complaint("x\nWARNING: ThreadSanitizer: data race (pid=7)\n"),
              "WARNING: ThreadSanitizer: data race (pid=7)");
}

TEST(Backtrace, ThreadsWithTheSameStackShareALine) {
    EXPECT_EQ(backtrace_in_brief(
                  "[New LWP 12]\n"
                  "\n"
                  "Thread 3 (Thread 0x7f01 (LWP 12) \"client\"):\n"
                  "#0  0x00007f in futex_wait () from /lib/x86_64-linux-gnu/libc.so.6\n"
                  "#1  0x0000556 in channel::receive (this=0x1, n=2) at common/channel.hpp:42\n"
                  "#2  write_lines (out=...) at stages/server.cpp:7\n"
                  "\n"
                  "Thread 2 (Thread 0x7f02 (LWP 11) \"client\"):\n"
                  "#0  0x00007f in futex_wait () from /lib/x86_64-linux-gnu/libc.so.6\n"
                  "#1  0x0000556 in channel::receive (this=0x3, n=2) at common/channel.hpp:42\n"
                  "#2  write_lines (out=...) at stages/server.cpp:7\n"
                  "\n"
                  "Thread 1 (Thread 0x7f00 (LWP 10) \"server\"):\n"
                  "#0  0x00007f in epoll_wait () from /lib/x86_64-linux-gnu/libc.so.6\n"
                  "#1  0x0000556 in main ()\n"),
              "2 threads: channel::receive (channel.hpp:42) < write_lines (server.cpp:7)\n"
              "main\n");
    EXPECT_EQ(backtrace_in_brief("ptrace: Operation not permitted.\n"), "");
}

}  // namespace
}  // namespace rendezvous::harness

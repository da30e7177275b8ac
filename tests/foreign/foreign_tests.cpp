// The contracts against a server that is not ours: what is correct passes, and each fault is caught
// by the contract that is meant for it, in words that say what is wrong.
#include <gmock/gmock.h>
#include <signal.h>
#include <unistd.h>

#include <fstream>

#include "tests/harness/deadline.hpp"
#include "tests/harness/proc.hpp"
#include "tests/harness/process.hpp"
#include "tests/harness/text.hpp"

namespace rendezvous::harness {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

const std::string stage = "stages/09-fiber-select";

outcome contracts(const std::vector<std::string>& words) {
    std::vector<std::string> argv{CONTRACTS};
    argv.insert(argv.end(), words.begin(), words.end());
    return run({.argv = argv, .environment = {{"PYTHONUNBUFFERED", "1"}}}, 300s);
}

std::vector<std::string> judging(const std::vector<std::string>& server, const std::string& filter,
                                 const std::string& fault = "", const std::string& rounds = "1") {
    std::vector<std::string> words{"--foreign", "--stage", stage, "--rounds",
                                   rounds,      "--crowd", "250", "--gtest_filter=" + filter,
                                   "--"};
    words.insert(words.end(), server.begin(), server.end());
    words.push_back("{port}");
    if (!fault.empty()) words.insert(words.end(), {"--fault", fault});
    return words;
}

std::vector<std::string> judging_chat_py(const std::string& filter, const std::string& fault = "") {
    return judging({"python3", "tests/foreign/chat.py"}, filter, fault);
}

TEST(Foreign, BookInPythonKeepsTheContractOfStage09) {
    auto end = contracts(judging({"python3", "tests/foreign/chat.py"}, "*", "", "0.3"));
    EXPECT_TRUE(exited_with(end.status, 0)) << end.out << end.err;
    EXPECT_THAT(end.out, AllOf(HasSubstr("Judged as 09-fiber-select, Fibers and select: "),
                               HasSubstr("\n  Holds:\n    chat "),
                               HasSubstr("slow reader isolated     missing, as the stage says"),
                               HasSubstr(" tests, all as it should be, in "),
                               Not(HasSubstr("Command line")), Not(HasSubstr("\x1b"))));
}

// Servers that do all their work on one thread keep the contract as well, and have no gaps.  The
// summary says so, and it does not count against them.
void expect_better_than_the_book(const std::vector<std::string>& server,
                                 const std::string& filter = "*") {
    auto end = contracts(judging(server, filter, "", "0.3"));
    EXPECT_TRUE(exited_with(end.status, 0)) << end.out << end.err;
    EXPECT_THAT(
        end.out,
        AllOf(
            HasSubstr("\n    slow reader bounded      1 test\n"),
            HasSubstr("As good as the stage:\n    slow reader isolated     missing, as the stage"),
            HasSubstr("Better than the stage:\n"
                      "    newcomer misses nothing  holds, and the stage does without it\n"
                      "    leaver misses nothing    holds, and the stage does without it\n"),
            HasSubstr(" tests, all as it should be, in ")));
}

TEST(Foreign, AsynchronousPythonKeepsItAndHasNoGaps) {
    expect_better_than_the_book({"python3", "tests/foreign/chat_async.py"},
                                "*-Hostile*:BusyRoom.*:Crowd.*");
}

TEST(Foreign, PerlAroundSelectKeepsItAndHasNoGaps) {
    try {
        run({.argv = {"perl", "-e", "1"}}, 10s);
    } catch (const setup_error&) {
        GTEST_SKIP() << "there is no perl here (package perl-base)";
    }
    expect_better_than_the_book({"perl", "tests/foreign/chat.pl"});
}

TEST(Foreign, ServerOnAnIpv6SocketMayCallAClientByEitherSpellingOfItsAddress) {
    for (const std::string spelling : {"python", "java"}) {
        auto words =
            judging({"python3", "tests/foreign/chat.py"}, "Chat.*Client*:LastLines.*", "", "0.3");
        words.insert(words.end(), {"--ipv6-socket", spelling});
        auto end = contracts(words);
        EXPECT_TRUE(exited_with(end.status, 0)) << end.out << end.err;
    }
}

TEST(Foreign, DoingMoreThanTheStageIsReportedAndPasses) {
    auto end = contracts(judging_chat_py("*MissesNothing.*", "no-gaps"));
    EXPECT_TRUE(exited_with(end.status, 0)) << end.out << end.err;
    EXPECT_THAT(end.out,
                AllOf(HasSubstr("Better than the stage:\n    newcomer misses nothing  holds"),
                      HasSubstr("    leaver misses nothing    holds")));
}

struct broken {
    const char* fault;
    const char* test;   // that is meant for it
    const char* words;  // that it must print
};

// Instead of the bytes of the row.
void PrintTo(const broken& row, std::ostream* out) { *out << row.fault; }

// Lines are broken where the screen ends, which is wherever names happen to be long.
std::string unwrapped(const std::string& text) {
    std::string result;
    for (char c : text)
        if (c != ' ' && c != '\n')
            result += c;
        else if (!result.empty() && result.back() != ' ')
            result += ' ';
    return result;
}

class Fault : public testing::TestWithParam<broken> {};

TEST_P(Fault, IsCaughtAndNamed) {
    const auto& [fault, test, words] = GetParam();
    auto end = contracts(judging_chat_py(test, fault));
    EXPECT_TRUE(exited_with(end.status, 1)) << end.out << end.err;
    EXPECT_THAT(unwrapped(end.out), AllOf(HasSubstr("FAILED"), HasSubstr(words)))
        << end.out << end.err;
}

constexpr broken faults[] = {
    {"closes-early", "LastLines.UnterminatedLineBeforeAHalfCloseComesBack",
     "` did not come back before end of file (this happened in "},
    {"tells-the-newcomer", "Chat.NewcomerDoesNotSeeItsOwnArrival",
     "alice expected `alice: Hello!`, but came `alice has arrived`."},
    {"forgets-has-left", "Chat.HalfClosedClientIsAnnouncedAsLeavingOnce",
     "bob expected `alice has left`, but nothing came (the server has had nothing to do for 1 s)."},
    {"forgets-you-are", "Chat.NewcomerIsToldItsOwnAddress",
     "alice expected `You are alice`, but nothing came (the server has had"},
    {"forgets-the-name", "Chat.LoneClientReceivesWhatItSends",
     "alice expected `alice: Hello!`, but came `Hello!`."},
    {"drops-a-line", "ExactlyOnce.EveryLineReachesEveryConnectedClient",
     "client 2 expected `client "},
    {"doubles-a-line", "ExactlyOnce.LinesArriveOnceWhileFiftyClientsComeAndGo",
     "one of the two lacks a line, or has one twice."},
    {"swaps-lines", "Order.AllReceiversSeeTheSameOrder", "lines "},
    {"dies-of-a-reset", "Chat.ResetClientIsAnnouncedAsLeavingOnce",
     "The server has ended: exit status 1. The server wrote"},
    {"keeps-the-cr", "Chat.CarriageReturnBeforeTheNewlineIsDropped",
     "bob expected `alice: one`, but came `alice: one\\r`."},
    {"a-read-is-a-line", "HostileLines.LineSentOneByteAtATimeIsOneLine",
     "expected `alice: one byte at a time`"},
    {"decodes", "Chat.BytesAreDeliveredUnchanged", "UnicodeDecodeError"},
    {"one-at-a-time", "ManyClients.TwoHundredClientsAreServedAtOnce",
     "Of 200 clients that are connected at once, 1 is served."},
    {"queues-without-limit", "SlowReaderBounded.MemoryStaysFlatWhileOneClientDoesNotRead",
     "While one client did not read and others had 48 MB to send, memory grew by "},
    {"leaks-a-descriptor", "HostileClients.ServerFreesTheResourcesOfClientsThatHaveLeft",
     " descriptors open before the clients came, and has "},
    {"no-limit-on-lines", "Chat.OverlongLineDisconnectsOnlyItsSender",
     "bob expected `alice has left`, but came `alice: xxx"},
};

INSTANTIATE_TEST_SUITE_P(Of, Fault, testing::ValuesIn(faults), [](const auto& row) {
    return camel_case(replace_all(row.param.fault, "-", " "));
});

// How it is called.

TEST(CommandLine, MistakesAreNamedWithWhatToWriteInstead) {
    auto refused = [](const std::vector<std::string>& words) {
        auto end = contracts(words);
        EXPECT_TRUE(exited_with(end.status, 2)) << describe_status(end.status) << end.out;
        EXPECT_EQ(end.out, "");
        return end.err;
    };
    EXPECT_THAT(
        refused({"--foreign", "--", "python3", "mine.py"}),
        AllOf(StartsWith("contracts: the command `python3 mine.py` does not say where its port "
                         "goes: write\n{port}"),
              HasSubstr("  ./course test 9 -- python3 mine.py {port}\n")));
    EXPECT_THAT(refused({"--foreign"}), StartsWith("contracts: there is no server to judge"));
    EXPECT_THAT(refused({"--stage", "stages/99-none", "--foreign", "--", "mine", "{port}"}),
                HasSubstr("cannot read stages/99-none: no such file"));
    EXPECT_THAT(refused({"--foregin", "--", "mine", "{port}"}), HasSubstr("--foregin"));
    EXPECT_THAT(refused({"--patience", "-1", "--", "mine", "{port}"}), HasSubstr("--patience"));
    EXPECT_THAT(refused({"--foreign", "--strict", "--", "mine", "{port}"}),
                HasSubstr("write `--port {port}`"));
}

TEST(CommandLine, HelpAndListNeedNoServer) {
    auto help = contracts({"--help"});
    EXPECT_TRUE(exited_with(help.status, 0));
    EXPECT_THAT(help.out,
                AllOf(HasSubstr("--foreign"), HasSubstr("--stage DIR"), HasSubstr("{port}")));
    auto list = contracts({"--gtest_list_tests"});
    EXPECT_TRUE(exited_with(list.status, 0));
    EXPECT_THAT(list.out, HasSubstr("LastLines.\n  LineBeforeAHalfCloseComesBack\n"));
}

TEST(CommandLine, MissingProgramIsNamedAndNothingRuns) {
    for (const char* filter : {"*", "Chat.ClosedClientIsAnnouncedAsLeavingOnce"}) {
        auto end = contracts({"--foreign", "--gtest_filter=" + std::string(filter), "--",
                              "./no-such-program", "{port}"});
        EXPECT_TRUE(exited_with(end.status, 2));
        EXPECT_EQ(end.out, "");
        EXPECT_EQ(end.err,
                  "contracts: Cannot start './no-such-program': No such file or directory.\n");
    }
}

// A program that is no server, or does not do what every test needs first, is reported once, on one
// screen.

struct no_server {
    const char* name;
    std::vector<std::string> command;  // without {port}, which comes last
    const char* words;
};

void PrintTo(const no_server& row, std::ostream* out) { *out << row.name; }

const std::string python_listens =
    "import os, socket, sys, time\n"
    "def listen(port):\n"
    "    return socket.create_server(('127.0.0.1', port))\n"
    "port = int(sys.argv[1])\n";

const no_server no_servers[] = {
    {"EndsAtOnce",
     {"sh", "-c", "echo no such module >&2; exit 1"},
     "(exit status 1). It printed: no such module"},
    {"ListensElsewhere",
     {"python3", "-c", python_listens + "s = listen(0)\ntime.sleep(1000)"},
     " instead: it must take the port that it is given for {port}."},
    {"BecomesADaemon",
     {"python3", "-c",
      python_listens + "if os.fork(): time.sleep(0.2); os._exit(0)\n"
                       "os.setsid()\n"
                       "if os.fork(): os._exit(0)\n"
                       "time.sleep(1000)"},
     "left a process behind, in the background."},
    {"OnlyAccepts",
     {"python3", "-c", python_listens + "s = listen(port)\nc = s.accept()\ntime.sleep(1000)"},
     "alice expected `You are alice`, but nothing came"},
    {"Echoes",
     {"python3", "-c",
      python_listens + "c, _ = listen(port).accept()\nwhile True: c.sendall(c.recv(999))"},
     "alice expected `You are alice`, but nothing came"},
    {"Crashes",
     {"python3", "-c", python_listens + "c, _ = listen(port).accept()\nc.no_such_thing()"},
     "a Python exception: AttributeError: 'socket' object has no attribute 'no_such_thing'"},
};

class FirstContact : public testing::TestWithParam<no_server> {};

TEST_P(FirstContact, FailureFitsOneScreenAndNothingElseRuns) {
    const auto& [name, command, words] = GetParam();
    auto end = contracts(judging(command, "*"));
    EXPECT_TRUE(exited_with(end.status, 1)) << describe_status(end.status);
    EXPECT_THAT(unwrapped(end.out), AllOf(HasSubstr(words), HasSubstr("--keep-going"))) << end.out;
    EXPECT_LE(split_lines(end.out).size(), 24u) << end.out;
    EXPECT_THAT(end.out, Not(HasSubstr("FAILED")));
}

INSTANTIATE_TEST_SUITE_P(Of, FirstContact, testing::ValuesIn(no_servers),
                         [](const auto& row) { return std::string(row.param.name); });

TEST(KeepGoing, RunsTheTestsEvenIfTheFirstContactFails) {
    auto words = judging(
        {"false"},
        "Chat.ClosedClientIsAnnouncedAsLeavingOnce:Chat.HalfClosedClientIsAnnouncedAsLeavingOnce");
    words.insert(words.begin(), "--keep-going");
    auto end = contracts(words);
    EXPECT_TRUE(exited_with(end.status, 1));
    EXPECT_THAT(end.out, AllOf(HasSubstr("FAILED  closed client is announced as leaving once"),
                               HasSubstr("2 tests")));
}

TEST(Timeout, ServerThatHangsIsShownWithWhatItsThreadsDoAndEndsWithItsChildren) {
    const auto file = testing::TempDir() + "hanging-" + std::to_string(::getpid());
    // Without the mark that this program gives to what it starts, because it would then end the
    // child itself.
    std::vector<std::string> words{
        "env", "-u", "RENDEZVOUS_STARTED_BY", CONTRACTS, "--timeout", "5", "--patience", "100"};
    for (const auto& word : judging({"python3", "-c",
                                     python_listens +
                                         "import subprocess\n"
                                         "child = subprocess.Popen(['sleep', '1000'])\n"
                                         "open('" +
                                         file +
                                         "', 'w').write(str(child.pid))\n"
                                         "c = listen(port).accept()\n"
                                         "while True: pass"},
                                    "Chat.NewcomerIsToldItsOwnAddress"))
        words.push_back(word);
    auto end = run({.argv = words}, 300s);
    EXPECT_TRUE(exited_with(end.status, 1)) << describe_status(end.status);
    EXPECT_THAT(end.out, AllOf(HasSubstr("TIMEOUT  newcomer is told its own address"),
                               HasSubstr("The test had not ended after 5 seconds."),
                               HasSubstr("`python3`: running, or ready to run")));
    EXPECT_LE(split_lines(end.out).size(), 24u) << end.out;

    pid_t child = 0;
    std::ifstream(file) >> child;
    ::unlink(file.c_str());
    ASSERT_GT(child, 0);
    if (!eventually(10s, [&] { return proc::alive({child}).empty(); })) {
        ::kill(child, SIGKILL);
        ADD_FAILURE() << "the server's child was still running";
    }
}

}  // namespace
}  // namespace rendezvous::harness

#include "tests/harness/process.hpp"

#include <gmock/gmock.h>
#include <signal.h>
#include <stdlib.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <thread>

#include "tests/harness/patience.hpp"
#include "tests/harness/server_process.hpp"

namespace rendezvous::harness {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

template <class Body>
std::string complaint_of(Body body) {
    try {
        body();
    } catch (const setup_error& why) {
        return why.what();
    }
    return "no complaint";
}

launch shell(const std::string& script) { return {.argv = {"sh", "-c", script}}; }

bool has_ended(pid_t pid) {
    std::ifstream stat("/proc/" + std::to_string(pid) + "/stat");
    std::string number, name, state;
    return !(stat >> number >> name >> state) || state == "Z";
}

TEST(Process, OutputAndStatusAreKept) {
    auto end = run(shell("echo out; echo err >&2; exit 3"), 10s);
    EXPECT_EQ(end.out, "out\n");
    EXPECT_EQ(end.err, "err\n");
    EXPECT_EQ(describe_status(end.status), "exit status 3");
    EXPECT_TRUE(exited_with(end.status, 3));
}

TEST(Process, EndByASignalIsDescribed) {
    auto end = run(shell("kill -ABRT $$"), 10s);
    EXPECT_EQ(describe_status(end.status), "killed by signal 6 (Aborted)");
    EXPECT_FALSE(exited_with(end.status, 0));
}

TEST(Process, ProgramThatIsMissingIsNamed) {
    EXPECT_EQ(complaint_of([] {
                  process({.argv = {"pyhton3", "mine.py"}});
              }),
              "Cannot start 'pyhton3': No such file or directory.");
    EXPECT_EQ(complaint_of([] { process({.argv = {"/etc/passwd"}}); }),
              "Cannot start '/etc/passwd': Permission denied.");
    EXPECT_EQ(complaint_of([] { process({.argv = {}}); }),
              "Cannot start a program: there is no command.");
}

TEST(Process, ArgumentsArriveWordForWord) {
    auto end = run({.argv = {"printf", "%s|", "a b", "", "$HOME", "'q'"}}, 10s);
    EXPECT_EQ(end.out, "a b||$HOME|'q'|");
}

TEST(Process, FloodOfOutputDoesNotBlockTheProgram) {
    process flood(
        shell("head -c 20000000 /dev/zero | tr '\\0' '\\n'; head -c 20000000 /dev/zero >&2"));
    auto status = flood.wait(deadline(30s));
    ASSERT_TRUE(status);
    EXPECT_TRUE(exited_with(*status, 0));
    EXPECT_LE(flood.err().size(), 2'100'000u) << "of a flood the newest is kept";
}

TEST(Process, WaitReturnsTheStatusOrNothingAtTheDeadline) {
    process sleeper({.argv = {"sleep", "1000"}});
    EXPECT_FALSE(sleeper.wait(deadline(0ms)));
    EXPECT_FALSE(sleeper.status());
    sleeper.signal(SIGTERM);
    EXPECT_EQ(describe_status(*sleeper.wait(deadline(10s))), "killed by signal 15 (Terminated)");
    EXPECT_TRUE(sleeper.status()) << "and stays known";
}

// The file of a program is all that tells whether it was built with ThreadSanitizer.
TEST(Process, ProgramBuiltWithThreadSanitizerIsAsleepWhenASignalIsSent) {
    char folder[] = "/tmp/rendezvous-XXXXXX";
    ASSERT_NE(::mkdtemp(folder), nullptr);
    const auto program = std::filesystem::path(folder) / "sh";
    std::filesystem::copy_file("/bin/sh", program);
    std::ofstream(program, std::ios::app) << "__tsan_init";
    process counter({.argv = {program, "-c",
                              "i=0; trap 'echo $i; exit' TERM; echo ready\n"
                              "while [ $i -lt 20000 ]; do i=$((i+1)); done\n"
                              "sleep 1000 & wait"}});
    ASSERT_EQ(counter.first_line(deadline(30s)), "ready");
    counter.signal(SIGTERM);
    ASSERT_TRUE(counter.wait(deadline(30s)));
    EXPECT_EQ(counter.out(), "ready\n20000\n");
    std::filesystem::remove_all(folder);
}

TEST(Process, DescendantsEndWithTheProgram) {
    pid_t grandchild = 0;
    {
        process parent(shell("sleep 1000 & echo $!; wait"));
        grandchild = std::stoi(parent.first_line(deadline(10s)));
        EXPECT_EQ(::kill(grandchild, 0), 0);
    }
    EXPECT_TRUE(has_ended(grandchild));
}

// A daemon leaves its process group, its session and its parent.
constexpr const char* daemon_script =
    "import os, time\n"
    "child = os.fork()\n"
    "if child: os.waitpid(child, 0); time.sleep(0.2); os._exit(0)\n"
    "os.setsid()\n"
    "if os.fork(): os._exit(0)\n"
    "print(os.getpid(), flush=True)\n"
    "time.sleep(1000)\n";

TEST(Process, DaemonEndsWithTheProgramThatLeftItBehind) {
    pid_t daemon = 0;
    {
        process program({.argv = {"python3", "-c", daemon_script}});
        daemon = std::stoi(program.first_line(deadline(20s)));
        ASSERT_TRUE(program.wait(deadline(20s)));
        EXPECT_FALSE(has_ended(daemon));
        EXPECT_EQ(program.left_behind(), std::vector<pid_t>{daemon});
    }
    EXPECT_TRUE(has_ended(daemon));
}

TEST(Process, DaemonOfAnotherProgramIsLeftAlone) {
    process other({.argv = {"python3", "-c", daemon_script}});
    const pid_t daemon = std::stoi(other.first_line(deadline(20s)));
    ASSERT_TRUE(other.wait(deadline(20s)));
    run(shell("exit 0"), 10s);
    EXPECT_FALSE(has_ended(daemon));
}

TEST(Process, AllRunningProgramsAreEndedAtOnce) {
    process first(shell("sleep 1000 & sleep 1000")), second({.argv = {"sleep", "1000"}});
    end_all_processes();
    EXPECT_TRUE(first.wait(deadline(10s)));
    EXPECT_TRUE(second.wait(deadline(10s)));
}

TEST(Process, WhatTheThreadsOfAStuckProgramDoIsShown) {
    process stuck({.argv = {"python3", "-c",
                            "import threading, time\n"
                            "lock = threading.Lock()\n"
                            "lock.acquire()\n"
                            "for i in range(3): threading.Thread(target=lock.acquire).start()\n"
                            "print('stuck', flush=True)\n"
                            "time.sleep(1000)"}});
    ASSERT_EQ(stuck.first_line(deadline(30s)), "stuck");
    std::string shown;
    EXPECT_TRUE(eventually(10s, [&] {
        shown = proc::what_threads_do(stuck.family());
        return shown.find("3 threads `python3`: asleep") != std::string::npos;
    })) << shown;
    EXPECT_THAT(what_all_threads_do(), HasSubstr("`python3`: asleep"));
    EXPECT_LE(std::count(shown.begin(), shown.end(), '\n'), 9);
}

// Programs that keep the machine busy.
launch hogs(unsigned many) {
    return {.argv = {"sh", "-c",
                     "i=0; while [ $i -lt " + std::to_string(many) +
                         " ]; do (while :; do :; done) & i=$((i+1)); done; wait"}};
}

// Four programs that work for each processor leave a fifth of the machine to the server.
TEST(Process, DeadlineIsLaterOnAMachineThatIsBusyWithOtherPrograms) {
    const auto many = 4 * std::thread::hardware_concurrency();
    process load(hogs(many));
    EXPECT_TRUE(eventually(20s, [&] { return load.family().size() > many; }));
    process server(shell("while :; do :; done"));
    const auto begin = std::chrono::steady_clock::now();
    patience_for patience(&server, 200ms);
    EXPECT_TRUE(eventually(60s, [&] { return patience.over(); }));
    EXPECT_GE(std::chrono::steady_clock::now() - begin, 300ms);
    EXPECT_TRUE(patience.timed_out());
    EXPECT_THAT(patience.why(), HasSubstr("because other programs kept the machine busy"));
}

TEST(Process, SignalsAreAsInAShell) {
    // The harness ignores SIGPIPE; what it starts must not inherit that.
    raise_own_limits();
    auto end = run(shell("grep -i '^SigIgn' /proc/$$/status; ulimit -n"), 10s);
    EXPECT_EQ(end.out, "SigIgn:\t0000000000000000\n1024\n");
}

TEST(Process, LimitsAndEnvironmentAreGiven) {
    auto end = run({.argv = {"sh", "-c", "ulimit -n; echo $COLOUR"},
                    .environment = {{"COLOUR", "green"}},
                    .descriptors = 64},
                   10s);
    EXPECT_EQ(end.out, "64\ngreen\n");
}

TEST(Process, FiguresAreThoseOfAllItsProcesses) {
    process pair(shell("exec 9</dev/null; sleep 1000 & sleep 1000 & echo ready; wait"));
    pair.first_line(deadline(10s));
    EXPECT_TRUE(eventually(10s, [&] {
        return pair.thread_names() == std::vector<std::string>{"sh", "sleep", "sleep"};
    }));
    // Three standard ones and number 9, three times.
    EXPECT_TRUE(eventually(10s, [&] { return pair.descriptors() == 12; })) << pair.descriptors();
    EXPECT_GT(pair.resident_bytes(), 500'000u);
    pair.limit_descriptors(20);
}

TEST(Process, SleepingIsDistinguishedFromWorking) {
    process sleeper({.argv = {"sleep", "1000"}});
    process worker(shell("while :; do :; done"));
    patience_for asleep(&sleeper, 30s, 300ms), at_work(&worker, 1s, 300ms);
    EXPECT_TRUE(eventually(10s, [&] { return asleep.over(); }));
    EXPECT_EQ(asleep.why(), " (the server has had nothing to do for 300 ms)");
    EXPECT_TRUE(eventually(10s, [&] { return at_work.over(); }));
    EXPECT_THAT(at_work.why(), StartsWith(" within 1 s"));

    sleeper.signal(SIGKILL);
    sleeper.wait(deadline(10s));
    patience_for gone(&sleeper, 30s, 30s);
    EXPECT_TRUE(eventually(10s, [&] { return gone.over(); }));
    EXPECT_EQ(gone.why(), " (the server has ended)");
}

TEST(Process, WorkOfThreadsThatHaveEndedCounts) {
    process program({.argv = {"python3", "-c",
                              "import threading, time\n"
                              "def work():\n"
                              "    while time.thread_time() < 0.3: pass\n"
                              "worker = threading.Thread(target=work)\n"
                              "worker.start()\n"
                              "worker.join()\n"
                              "print('done', flush=True)\n"
                              "time.sleep(1000)"}});
    ASSERT_EQ(program.first_line(deadline(30s)), "done");
    EXPECT_GE(program.activity().processor_ns, 300'000'000u);
}

// Servers that never become one.

class Starting : public testing::Test {
protected:
    Starting() { be_patient(0.05); }  // a second instead of twenty
    ~Starting() override { be_patient(1); }

    static settings foreign(std::vector<std::string> command) {
        settings how;
        how.foreign = true;
        how.command = std::move(command);
        return how;
    }
    static settings own(std::vector<std::string> command) {
        auto how = foreign(std::move(command));
        how.foreign = false;
        return how;
    }
};

TEST_F(Starting, ForeignProgramThatIsMissingIsNamed) {
    EXPECT_EQ(complaint_of([] {
                  server_process(foreign({"./no-such-program", "{port}"}));
              }),
              "Cannot start './no-such-program': No such file or directory.");
}

TEST_F(Starting, ForeignProgramThatEndsAtOnceIsDistinguishedFromOneThatNeverListens) {
    auto ends = complaint_of([] {
        server_process(
            foreign({"sh", "-c", "echo Traceback: no such module >&2; exit 1", "{port}"}));
    });
    EXPECT_THAT(ends, HasSubstr(" ended before it listened on port "));
    EXPECT_THAT(ends, HasSubstr(" (exit status 1).  It printed:\n    Traceback: no such module\n"));

    auto never = complaint_of([] { server_process(foreign({"sleep", "1000", "--", "{port}"})); });
    EXPECT_THAT(never,
                testing::AnyOf(HasSubstr(" did not listen on port "), HasSubstr(" ended before")));
}

TEST_F(Starting, ForeignProgramThatBecomesADaemonIsReported) {
    be_patient(1);
    EXPECT_THAT(
        complaint_of([] {
            server_process(foreign({"python3", "-c", daemon_script, "{port}"}));
        }),
        testing::EndsWith(" ended (exit status 0) and left a process behind, in the background. "
                          " Start the server so that it stays in the foreground, without "
                          "becoming a daemon."));
}

TEST_F(Starting, ForeignProgramThatNeverListensIsReportedWithItsOutput) {
    auto never = complaint_of([] {
        server_process(foreign({"sh", "-c", "echo thinking; sleep 1000", "{port}"}));
    });
    EXPECT_THAT(never, HasSubstr(" did not listen on port "));
    EXPECT_THAT(never, HasSubstr(".  It printed:\n    thinking\n"));
}

TEST_F(Starting, ForeignProgramIsWaitedForWithoutAConnection) {
    // It tells how many have connected; the harness is not among them.
    const char* script =
        "import socket, sys\n"
        "s = socket.create_server(('127.0.0.1', int(sys.argv[1])))\n"
        "s.setblocking(False)\n"
        "sys.stdin.read()\n"
        "import time; time.sleep(0.2)\n"
        "try:\n"
        "    s.accept(); print('somebody came', flush=True)\n"
        "except BlockingIOError:\n"
        "    print('nobody came', flush=True)\n"
        "time.sleep(1000)\n";
    be_patient(1);
    server_process server(foreign({"python3", "-c", script, "{port}"}));
    EXPECT_EQ(server.where().host, "127.0.0.1");
    EXPECT_EQ(server.program().first_line(deadline(10s)), "nobody came");
}

TEST_F(Starting, ForeignProgramOnTheWrongPortIsReported) {
    be_patient(0.2);
    auto wrong = complaint_of([] {
        server_process(foreign({"python3", "-c",
                                "import socket, time\n"
                                "s = socket.create_server(('127.0.0.1', 0))\n"
                                "time.sleep(1000)",
                                "{port}"}));
    });
    EXPECT_THAT(wrong, HasSubstr("  It listens on port "));
    EXPECT_THAT(wrong, HasSubstr(" instead: it must take the port that it is given for {port}."));
}

TEST_F(Starting, CourseServerMustSayThatItListens) {
    EXPECT_THAT(
        complaint_of([] {
            server_process(own({"sh", "-c", "echo Hello; sleep 1000"}));
        }),
        HasSubstr(" printed `Hello` first; the first line on standard output must be `listening "
                  "on HOST:PORT`."));
    EXPECT_THAT(
        complaint_of([] {
            server_process(own({"sh", "-c", "echo broken >&2; exit 1"}));
        }),
        HasSubstr(" ended before it said `listening on HOST:PORT` (exit status 1).  It printed:\n"
                  "    broken\n"));
    EXPECT_THAT(
        complaint_of([] {
            server_process(own({"sleep", "1000"}));
        }),
        HasSubstr(" did not say `listening on HOST:PORT` (the server has had nothing to do for "));
}

// The two threads of the server need longer together than the server may take.
TEST_F(Starting, BusyMachineLeavesAServerTheTimeThatItsThreadsHaveOnAnIdleOne) {
    const auto processors = std::thread::hardware_concurrency();
    if (processors < 2) GTEST_SKIP() << "there is one processor";
    be_patient(1);
    process load(hogs(processors));
    ASSERT_TRUE(eventually(20s, [&] { return load.family().size() > processors; }));
    // Python lets other threads run while it hashes.
    server_process server(own({"python3", "-c",
                               "import hashlib, signal, threading, time\n"
                               "signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})\n"
                               "asked = threading.Event()\n"
                               "def works():\n"
                               "    asked.wait()\n"
                               "    while time.thread_time() < 0.5:\n"
                               "        hashlib.sha256(bytes(1000000))\n"
                               "for _ in range(2): threading.Thread(target=works).start()\n"
                               "print('listening on 127.0.0.1:1', flush=True)\n"
                               "signal.sigwait({signal.SIGTERM})\n"
                               "asked.set()"}));
    EXPECT_TRUE(server.stop(600ms));
}

TEST_F(Starting, CourseServerThatListensSilentlyIsReported) {
    auto wrong = complaint_of([] {
        server_process(own({"python3", "-c",
                            "import socket, time\n"
                            "s = socket.create_server(('127.0.0.1', 0))\n"
                            "time.sleep(1000)",
                            "{port}"}));
    });
    EXPECT_THAT(wrong, HasSubstr(" listens on 127.0.0.1:"));
    EXPECT_THAT(wrong, HasSubstr(" and does not say so: it must print `listening on 127.0.0.1:"));
}

TEST_F(Starting, CommandNeedsAPlaceForThePort) {
    EXPECT_THAT(
        complaint_of([] {
            check_command(foreign({"python3", "mine.py"}));
        }),
        StartsWith("the command `python3 mine.py` does not say where its port goes: write {port} "
                   "in the place of the port number, for example:\n  ./course test 9 -- "));
    EXPECT_THAT(complaint_of([] { check_command(foreign({})); }),
                StartsWith("there is no server to judge"));
    EXPECT_EQ(complaint_of([] {
                  check_command(foreign({"./mine", "--listen=:{port}"}));
              }),
              "no complaint");
    auto strict = foreign({"./mine", "{port}"});
    strict.strict = true;
    EXPECT_THAT(complaint_of([&] { check_command(strict); }), HasSubstr("write `--port {port}`"));
}

TEST_F(Starting, PortIsPutIntoTheCommandAndTakenOut) {
    auto how = own({"./server", "--port", "{port}", "-v"});
    EXPECT_EQ(command_for(how, 8000),
              (std::vector<std::string>{"./server", "--port", "8000", "-v"}));
    EXPECT_EQ(bare_command(how), (std::vector<std::string>{"./server", "-v"}));
    EXPECT_EQ(command_for(own({"s", "--at=[::1]:{port}"}), 7).back(), "--at=[::1]:7");
}

}  // namespace
}  // namespace rendezvous::harness

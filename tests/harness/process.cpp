#include "tests/harness/process.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/wait.h>

#include <algorithm>
#include <cstring>
#include <mutex>
#include <set>
#include <thread>

#include "tests/harness/backtrace.hpp"
#include "tests/harness/sanitizers.hpp"
#include "tests/harness/text.hpp"

namespace rendezvous::harness {

namespace {

// All running processes, so that one thread can end them while another runs a test.
std::recursive_mutex running_mutex;
std::set<const process*> running;

// While it starts, it must not be taken for something left behind that is to be reaped.
spawned spawn_registered(const launch& what, const process* self) {
    std::lock_guard lock(running_mutex);
    auto child = spawn(what);
    running.insert(self);
    return child;
}

}  // namespace

process::process(launch what)
    : argv_(what.argv),
      child_(spawn_registered(what, this)),
      keyboard_output_(what.keyboard ? std::move(child_.output) : descriptor()),
      output_(std::move(child_.output), std::move(child_.error)) {}

process::~process() {
    kill();
    std::lock_guard lock(running_mutex);
    // No other process can get its number, or that of a process we have adopted, before we reap it.
    ::waitpid(child_.pid, nullptr, 0);
    running.erase(this);
    proc::pids others;
    for (const auto* one : running) others.push_back(one->pid());
    for (auto orphan : proc::ended_children(others)) ::waitpid(orphan, nullptr, WNOHANG);
}

void process::kill() const {
    ::kill(-child_.pid, SIGKILL);
    // A killed process may have started another just before, so this repeats until none is left.  A
    // process in an uninterruptible system call may survive that.
    // A process that is about to end has lost its environment, and so the mark, so it is
    // remembered.
    std::set<pid_t> all;
    for (deadline limit(5s); !limit.passed(); std::this_thread::sleep_for(1ms)) {
        for (auto pid : family()) all.insert(pid);
        const auto left = proc::alive({all.begin(), all.end()});
        if (left.empty()) return;
        for (auto pid : left) ::kill(pid, SIGKILL);
    }
}

proc::pids process::left_behind() const {
    auto left = proc::alive(family());
    left.erase(std::remove(left.begin(), left.end(), child_.pid), left.end());
    return left;
}

std::string process::what_threads_do() const {
    if (status()) return "";
    auto text = proc::what_threads_do(proc::alive(family()));
    if (auto stacks = backtrace_of(child_.pid); !stacks.empty())
        text += "As gdb sees it, with the innermost functions first:\n" + stacks;
    return text;
}

void end_all_processes() {
    std::lock_guard lock(running_mutex);
    for (const auto* one : running) one->kill();
}

std::string what_all_threads_do() {
    std::lock_guard lock(running_mutex);
    std::string text;
    for (const auto* one : running) text += one->what_threads_do();
    return text;
}

std::optional<int> process::status() const {
    siginfo_t info{};
    if (::waitid(P_PID, static_cast<id_t>(child_.pid), &info, WEXITED | WNOHANG | WNOWAIT) != 0 ||
        info.si_pid == 0)
        return {};
    // The status as wait() would return it.
    return info.si_code == CLD_EXITED ? info.si_status << 8 : info.si_status & 0x7f;
}

std::optional<int> process::wait(deadline limit) const {
    pollfd fd{ended(), POLLIN, 0};
    ::poll(&fd, 1, static_cast<int>(limit.left().count()));
    auto result = status();
    // Its last output may still be in the pipe, which a grandchild may keep open forever.
    if (result) output_.await_end(deadline(200ms));
    return result;
}

// ThreadSanitizer (of GCC 12) puts off a signal that comes at the beginning of a call, such as
// accept(), until the call returns.  If the call then waits, that may be never.  So a program that
// was built with it gets a signal when it is asleep, or after 3 s if it never is.
void process::signal(int number) const {
    if (number != SIGKILL && number != SIGCONT && built_with(*this, sanitizer::thread))
        eventually(3s, [this] { return !activity().runnable; });
    ::kill(-child_.pid, number);
}

std::string process::first_line(deadline limit) const {
    auto line = output_.first_line(limit);
    // A program's output closes shortly before its status is available, and the caller asks for the
    // status next.
    if (line.empty() && output_.await_end(deadline(0ms))) {
        pollfd fd{ended(), POLLIN, 0};
        ::poll(&fd, 1, 1000);
    }
    return line;
}

outcome run(launch what, milliseconds within) {
    auto command = shell_words(what.argv);
    process program(std::move(what));
    auto status = program.wait(deadline(within));
    if (status) program.await_output(deadline(10s));
    if (!status)
        throw setup_error("`" + command + "` had not ended after " +
                          std::to_string(deadline(within).span().count() / 1000) + " s.");
    return {*status, program.out(), program.err()};
}

std::string describe_status(int status) {
    if (WIFEXITED(status)) return "exit status " + std::to_string(WEXITSTATUS(status));
    auto number = WTERMSIG(status);
    return "killed by signal " + std::to_string(number) + " (" + ::strsignal(number) + ")";
}

bool exited_with(int status, int code) { return WIFEXITED(status) && WEXITSTATUS(status) == code; }

}  // namespace rendezvous::harness

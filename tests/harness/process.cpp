#include "tests/harness/process.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/wait.h>

#include <cstring>

#include "tests/harness/text.hpp"

namespace rendezvous::harness {

process::process(launch what)
    : argv_(what.argv),
      child_(spawn(what)),
      keyboard_output_(what.keyboard ? std::move(child_.output) : descriptor()),
      output_(std::move(child_.output), std::move(child_.error)) {}

process::~process() {
    ::kill(-child_.pid, SIGKILL);  // ours until it is reaped, two lines below
    siginfo_t info;
    ::waitid(P_PID, static_cast<id_t>(child_.pid), &info, WEXITED);
}

std::optional<int> process::status() const {
    siginfo_t info{};
    if (::waitid(P_PID, static_cast<id_t>(child_.pid), &info, WEXITED | WNOHANG | WNOWAIT) != 0 ||
        info.si_pid == 0)
        return {};
    // As wait() would have put it.
    return info.si_code == CLD_EXITED ? info.si_status << 8 : info.si_status & 0x7f;
}

std::optional<int> process::wait(deadline limit) const {
    pollfd fd{ended(), POLLIN, 0};
    ::poll(&fd, 1, static_cast<int>(limit.left().count()));
    auto result = status();
    // What it printed last may still be in the pipe; a grandchild may hold that open for ever.
    if (result) output_.await_end(deadline(200ms));
    return result;
}

void process::signal(int number) const { ::kill(-child_.pid, number); }

std::string process::first_line(deadline limit) const {
    auto line = output_.first_line(limit);
    // Its output is closed a moment before its end can be seen, and the caller will ask for that.
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

#include "tests/harness/spawn.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <sstream>

namespace rendezvous::harness {

namespace {

struct pipe_ends {
    descriptor read, write;
    pipe_ends() {
        int ends[2];
        if (::pipe2(ends, O_CLOEXEC) != 0)
            throw setup_error("cannot make a pipe: " + std::string(std::strerror(errno)));
        read = descriptor(ends[0]);
        write = descriptor(ends[1]);
    }
};

start_error cannot_start(const std::string& program, int reason) {
    return start_error("Cannot start '" + program + "': " + std::strerror(reason) + ".");
}

// The environment variable that carries the mark.  A harness that is itself started by a harness
// adds its own mark to the one that it was given.
constexpr const char* mark_variable = "RENDEZVOUS_STARTED_BY";

std::string new_mark() {
    static std::atomic<int> count{0};
    const char* outer = std::getenv(mark_variable);
    return (outer ? std::string(outer) + "/" : "") + std::to_string(::getpid()) + "." +
           std::to_string(++count);
}

std::vector<std::string> environment_with(const std::map<std::string, std::string>& more) {
    std::vector<std::string> all;
    for (char** entry = environ; *entry; ++entry) {
        std::string text = *entry;
        if (!more.count(text.substr(0, text.find('=')))) all.push_back(text);
    }
    for (const auto& [name, value] : more) all.push_back(name + "=" + value);
    return all;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
    std::vector<char*> result;
    for (auto& text : texts) result.push_back(text.data());
    result.push_back(nullptr);
    return result;
}

// Runs in the child, between fork and exec.  Only a few functions may be called there (none that
// allocates), so everything it needs is prepared before.
[[noreturn]] void exec_child(const launch& what, char* const* argv, char* const* environment,
                             pid_t parent, int in, int out, int err, int failed) {
    ::setpgid(0, 0);
    // However the harness ends, its programs end with it.
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(127);

    // The harness ignores SIGPIPE, and a child inherits that.  A server must receive the signal as
    // it would when started from a shell.
    for (int number : {SIGPIPE, SIGINT, SIGTERM, SIGHUP}) ::signal(number, SIG_DFL);
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);

    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = std::min<rlim_t>(limit.rlim_max, what.descriptors.value_or(1024));
    ::setrlimit(RLIMIT_NOFILE, &limit);

    ::dup2(in, STDIN_FILENO);
    ::dup2(out, STDOUT_FILENO);
    ::dup2(err, STDERR_FILENO);
    // The harness may itself have been started with more descriptors; the server gets none of them.
    ::syscall(SYS_close_range, 3u, ~0u, 4u /* CLOSE_RANGE_CLOEXEC */);
    ::execvpe(argv[0], argv, environment);
    int reason = errno;
    [[maybe_unused]] auto written = ::write(failed, &reason, sizeof reason);
    ::_exit(127);
}

}  // namespace

void check_program(const std::string& name) {
    int reason = ENOENT;
    const auto can_start = [&](const std::string& path) {
        if (::access(path.c_str(), X_OK) == 0) return true;
        if (errno == EACCES) reason = EACCES;
        return false;
    };
    if (name.find('/') != std::string::npos) {
        if (can_start(name)) return;
    } else {
        const char* path = std::getenv("PATH");
        std::istringstream folders(path ? path : "/bin:/usr/bin");
        for (std::string folder; std::getline(folders, folder, ':');)
            if (can_start((folder.empty() ? "." : folder) + "/" + name)) return;
    }
    throw cannot_start(name, reason);
}

spawned spawn(const launch& what) {
    if (what.argv.empty()) throw setup_error("Cannot start a program: there is no command.");
    ::prctl(PR_SET_CHILD_SUBREAPER, 1);
    spawned child;
    const auto mark = new_mark();
    child.mark.append(mark_variable).append("=").append(mark);
    pipe_ends in, out, err, failed;
    descriptor nothing(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    auto words = what.argv;
    auto marked = what.environment;
    marked[mark_variable] = mark;
    auto variables = environment_with(marked);
    auto argv = pointers(words), environment = pointers(variables);

    auto parent = ::getpid();
    child.pid = ::fork();
    if (child.pid < 0)
        throw setup_error("Cannot start a process: " + std::string(std::strerror(errno)) + ".");
    if (child.pid == 0)
        exec_child(what, argv.data(), environment.data(), parent,
                   what.keyboard ? in.read.get() : nothing.get(), out.write.get(), err.write.get(),
                   failed.write.get());
    ::setpgid(child.pid,
              child.pid);  // parent and child both do this, so it is done when either continues

    failed.write.close();
    int reason = 0;
    if (::read(failed.read.get(), &reason, sizeof reason) == sizeof reason) {
        ::waitpid(child.pid, nullptr, 0);
        throw cannot_start(what.argv[0], reason);
    }
    child.ended = descriptor(static_cast<int>(::syscall(SYS_pidfd_open, child.pid, 0)));
    child.output = std::move(out.read);
    child.error = std::move(err.read);
    if (what.keyboard) child.input = std::move(in.write);
    return child;
}

}  // namespace rendezvous::harness

#include "tests/harness/process.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <ctime>
#include <fstream>
#include <functional>
#include <sstream>

#include "tests/harness/text.hpp"

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

// In the child, between fork and exec: only what is allowed there, so everything that needs memory
// was made before.
[[noreturn]] void exec_child(const launch& what, char* const* argv, char* const* environment,
                             pid_t parent, int in, int out, int err, int failed) {
    ::setpgid(0, 0);
    // If the harness dies, however it does, its programs do not stay behind.
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(127);

    // The harness ignores SIGPIPE, and ignoring is inherited: a server must meet it as it would
    // when started from a shell.
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
    // Whoever started the harness may have left it more, which the server is not to have.
    ::syscall(SYS_close_range, 3u, ~0u, 4u /* CLOSE_RANGE_CLOEXEC */);
    ::execvpe(argv[0], argv, environment);
    int reason = errno;
    [[maybe_unused]] auto written = ::write(failed, &reason, sizeof reason);
    ::_exit(127);
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

std::vector<std::string> entries(const std::string& folder) {
    std::vector<std::string> names;
    if (DIR* dir = ::opendir(folder.c_str())) {
        while (auto* entry = ::readdir(dir))
            if (entry->d_name[0] != '.') names.push_back(entry->d_name);
        ::closedir(dir);
    }
    return names;
}

std::string contents(const std::string& path) {
    std::ifstream file(path);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

// The fields of /proc/PID/stat after the name, which may itself hold spaces and brackets.
std::vector<std::string> stat_fields(const std::string& path) {
    auto text = contents(path);
    auto end = text.rfind(')');
    std::vector<std::string> fields;
    if (end == std::string::npos) return fields;
    std::istringstream rest(text.substr(end + 1));
    for (std::string field; rest >> field;) fields.push_back(field);
    return fields;
}

}  // namespace

process::process(launch what) : argv_(what.argv) {
    if (argv_.empty()) throw setup_error("cannot start a program: there is no command");
    pipe_ends out, err, failed, in;
    descriptor nothing(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    auto words = what.argv;
    auto variables = environment_with(what.environment);
    auto argv = pointers(words), environment = pointers(variables);

    auto parent = ::getpid();
    pid_ = ::fork();
    if (pid_ < 0) throw setup_error("cannot start a process: " + std::string(std::strerror(errno)));
    if (pid_ == 0)
        exec_child(what, argv.data(), environment.data(), parent,
                   what.keyboard ? in.read.get() : nothing.get(), out.write.get(), err.write.get(),
                   failed.write.get());
    ::setpgid(pid_, pid_);  // whoever of the two comes first

    failed.write.close();
    int reason = 0;
    if (::read(failed.read.get(), &reason, sizeof reason) == sizeof reason) {
        ::waitpid(pid_, nullptr, 0);
        throw setup_error("cannot start '" + argv_[0] + "': " + std::strerror(reason));
    }
    ended_ = descriptor(static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0)));
    stop_ = descriptor(::eventfd(0, EFD_CLOEXEC));
    err_pipe_ = std::move(err.read);
    if (what.keyboard) {
        input_ = std::move(in.write);
        keyboard_output_ = std::move(out.read);
    } else {
        out_pipe_ = std::move(out.read);
    }
    reader_ = std::thread([this] { drain(); });
}

process::~process() {
    ::kill(-pid_, SIGKILL);  // ours until it is reaped, two lines below
    siginfo_t info;
    ::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED);
    std::uint64_t one = 1;
    [[maybe_unused]] auto written = ::write(stop_.get(), &one, sizeof one);
    reader_.join();
}

// Reads what it prints as it prints it: a program whose output nobody takes would stand still as
// soon as the pipe is full.
void process::drain() {
    struct source {
        int fd;
        text* into;
    } sources[] = {{out_pipe_.get(), &out_}, {err_pipe_.get(), &err_}};
    for (bool stopping = false; !stopping;) {
        pollfd fds[] = {
            {sources[0].fd, POLLIN, 0}, {sources[1].fd, POLLIN, 0}, {stop_.get(), POLLIN, 0}};
        if (sources[0].fd < 0 && sources[1].fd < 0) break;
        ::poll(fds, 3, -1);
        stopping = fds[2].revents != 0;
        for (int i = 0; i < 2; ++i) {
            if (!fds[i].revents) continue;
            char bytes[65536];
            auto n = ::read(sources[i].fd, bytes, sizeof bytes);
            std::lock_guard lock(mutex_);
            if (n <= 0) {
                sources[i].fd = -1;
            } else {
                auto& to = *sources[i].into;
                to.newest.append(bytes, static_cast<std::size_t>(n));
                to.lines += static_cast<std::uint64_t>(std::count(bytes, bytes + n, '\n'));
                if (to.newest.size() > 2'000'000) to.newest.erase(0, 1'000'000);
            }
            changed_.notify_all();
        }
    }
    std::lock_guard lock(mutex_);
    drained_ = true;
    changed_.notify_all();
}

std::optional<int> process::status() const {
    siginfo_t info{};
    if (::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT) != 0 ||
        info.si_pid == 0)
        return {};
    // As wait() would have put it.
    return info.si_code == CLD_EXITED ? info.si_status << 8 : info.si_status & 0x7f;
}

std::optional<int> process::wait(deadline limit) const {
    pollfd fd{ended_.get(), POLLIN, 0};
    ::poll(&fd, 1, static_cast<int>(limit.left().count()));
    auto result = status();
    if (result) {
        // What it printed last may still be in the pipe; a grandchild may hold that open for ever.
        std::unique_lock lock(mutex_);
        changed_.wait_for(lock, 200ms, [&] { return drained_; });
    }
    return result;
}

void process::await_output(deadline limit) const {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, limit.left(), [&] { return drained_; });
}

void process::signal(int number) const { ::kill(-pid_, number); }

std::string process::out() const {
    std::lock_guard lock(mutex_);
    return out_.newest;
}

std::string process::err() const {
    std::lock_guard lock(mutex_);
    return err_.newest;
}

std::uint64_t process::err_lines() const {
    std::lock_guard lock(mutex_);
    return err_.lines;
}

std::string process::first_line(deadline limit) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, limit.left(), [&] { return drained_ || out_.lines > 0; });
    auto end = out_.newest.find('\n');
    if (end != std::string::npos) return out_.newest.substr(0, end);
    // Its output is closed a moment before its end can be seen, and the caller will ask for that.
    pollfd fd{ended_.get(), POLLIN, 0};
    if (drained_) ::poll(&fd, 1, 1000);
    return "";
}

std::string process::line_on_err(const std::string& with, deadline limit) {
    std::string line;
    auto found = [&] {
        auto at = err_.newest.find(with);
        if (at == std::string::npos) return false;
        auto end = err_.newest.find('\n', at);
        if (end == std::string::npos) return false;
        auto before = at ? err_.newest.rfind('\n', at - 1) : std::string::npos;
        auto begin = before == std::string::npos ? 0 : before + 1;
        line = err_.newest.substr(begin, end - begin);
        return true;
    };
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, limit.left(), [&] { return found() || drained_; });
    return line;
}

std::vector<pid_t> process::group() const {
    std::vector<pid_t> members;
    for (const auto& name : entries("/proc")) {
        if (!std::isdigit(static_cast<unsigned char>(name[0]))) continue;
        auto fields = stat_fields("/proc/" + name + "/stat");
        if (fields.size() > 2 && fields[2] == std::to_string(pid_))
            members.push_back(std::stoi(name));
    }
    return members;
}

namespace {

// The n-th figure of /proc/PID/statm, summed up, in bytes.
std::uint64_t memory(const std::vector<pid_t>& members, int n) {
    std::uint64_t pages = 0;
    for (auto member : members) {
        std::istringstream statm(contents("/proc/" + std::to_string(member) + "/statm"));
        std::uint64_t figure = 0;
        for (int i = 0; i <= n; ++i) statm >> figure;
        pages += figure;
    }
    return pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

}  // namespace

std::uint64_t process::address_space() const { return memory(group(), 0); }

std::uint64_t process::resident_bytes() const { return memory(group(), 1); }

std::size_t process::descriptors() const {
    std::size_t n = 0;
    for (auto member : group()) n += entries("/proc/" + std::to_string(member) + "/fd").size();
    return n;
}

std::set<std::string> process::socket_inodes() const {
    std::set<std::string> inodes;
    for (auto member : group()) {
        auto folder = "/proc/" + std::to_string(member) + "/fd/";
        for (const auto& fd : entries(folder)) {
            char target[64] = "";
            auto n = ::readlink((folder + fd).c_str(), target, sizeof target - 1);
            std::string link(target, n > 0 ? static_cast<std::size_t>(n) : 0);
            const std::string socket = "socket:[";
            if (link.compare(0, socket.size(), socket) == 0)
                inodes.insert(link.substr(socket.size(), link.size() - socket.size() - 1));
        }
    }
    return inodes;
}

std::vector<std::string> process::thread_names() const {
    std::vector<std::string> names;
    for (auto member : group()) {
        auto tasks = "/proc/" + std::to_string(member) + "/task/";
        for (const auto& task : entries(tasks)) {
            auto lines = contents(tasks + task + "/comm");
            if (!lines.empty()) names.push_back(lines.substr(0, lines.find('\n')));
        }
    }
    std::sort(names.begin(), names.end());
    return names;
}

activity process::activity() const {
    harness::activity sum;
    for (auto member : group()) {
        // With what those threads have worked that have ended.
        clockid_t clock;
        timespec worked{};
        if (::clock_getcpuclockid(member, &clock) == 0 && ::clock_gettime(clock, &worked) == 0)
            sum.processor_ns += static_cast<std::uint64_t>(worked.tv_sec) * 1'000'000'000u +
                                static_cast<std::uint64_t>(worked.tv_nsec);
        const auto tasks = "/proc/" + std::to_string(member) + "/task/";
        for (const auto& task : entries(tasks)) {
            const auto fields = stat_fields(tasks + task + "/stat");
            if (!fields.empty()) sum.runnable |= fields[0] == "R" || fields[0] == "D";
        }
    }
    return sum;
}

namespace {

void limit(const std::vector<pid_t>& members, __rlimit_resource what, std::uint64_t most) {
    for (auto member : members) {
        rlimit now{};
        ::prlimit(member, what, nullptr, &now);
        now.rlim_cur = most;
        ::prlimit(member, what, &now, nullptr);
    }
}

}  // namespace

void process::limit_descriptors(std::uint64_t most) const { limit(group(), RLIMIT_NOFILE, most); }

void process::limit_address_space(std::uint64_t bytes) const { limit(group(), RLIMIT_AS, bytes); }

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

void raise_own_limits() {
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
    ::signal(SIGPIPE, SIG_IGN);
}

}  // namespace rendezvous::harness

#include "tests/harness/proc.hpp"

#include <dirent.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <ctime>
#include <fstream>
#include <map>
#include <sstream>

#include "tests/harness/text.hpp"

namespace rendezvous::harness::proc {

namespace {

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

std::string folder_of(pid_t pid) { return "/proc/" + std::to_string(pid) + "/"; }

std::vector<std::string> task_folders(pid_t pid) {
    auto tasks = folder_of(pid) + "task/";
    auto folders = entries(tasks);
    for (auto& one : folders) one = tasks + one + "/";
    return folders;
}

// The fields of /proc/PID/stat after the name, which may itself hold spaces and parentheses.
std::vector<std::string> stat_fields(const std::string& folder) {
    auto text = contents(folder + "stat");
    auto end = text.rfind(')');
    std::vector<std::string> fields;
    if (end == std::string::npos) return fields;
    std::istringstream rest(text.substr(end + 1));
    for (std::string field; rest >> field;) fields.push_back(field);
    return fields;
}

// The n-th figure of /proc/PID/statm, summed up, in bytes.
std::uint64_t memory(const pids& members, int n) {
    std::uint64_t pages = 0;
    for (auto member : members) {
        std::istringstream statm(contents(folder_of(member) + "statm"));
        std::uint64_t figure = 0;
        for (int i = 0; i <= n; ++i) statm >> figure;
        pages += figure;
    }
    return pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

}  // namespace

namespace {

struct entry {
    pid_t pid, parent, group;
    char state;
};

std::vector<entry> all_processes() {
    std::vector<entry> all;
    for (const auto& name : entries("/proc")) {
        if (!std::isdigit(static_cast<unsigned char>(name[0]))) continue;
        auto fields = stat_fields("/proc/" + name + "/");
        if (fields.size() > 2)
            all.push_back(
                {std::stoi(name), std::stoi(fields[1]), std::stoi(fields[2]), fields[0][0]});
    }
    return all;
}

// A nested harness marks its programs with our mark and its own.
bool has_mark(pid_t pid, const std::string& mark) {
    const auto environment = '\0' + contents(folder_of(pid) + "environ");
    const auto at = environment.find('\0' + mark);
    if (at == std::string::npos) return false;
    const auto next = at + 1 + mark.size();
    return next == environment.size() || environment[next] == '\0' || environment[next] == '/';
}

}  // namespace

pids family(pid_t leader, const std::string& mark) {
    const auto all = all_processes();
    std::set<pid_t> members;
    for (const auto& one : all)
        if (one.pid == leader || one.group == leader ||
            (one.parent == ::getpid() && has_mark(one.pid, mark)))
            members.insert(one.pid);
    for (std::size_t before = 0; before != members.size();) {
        before = members.size();
        for (const auto& one : all)
            if (members.count(one.parent)) members.insert(one.pid);
    }
    return {members.begin(), members.end()};
}

pids alive(const pids& some) {
    pids result;
    for (auto pid : some) {
        const auto fields = stat_fields(folder_of(pid));
        if (!fields.empty() && fields[0] != "Z" && fields[0] != "X") result.push_back(pid);
    }
    return result;
}

pids ended_children(const pids& except) {
    pids result;
    for (const auto& one : all_processes())
        if (one.parent == ::getpid() && one.state == 'Z' &&
            std::find(except.begin(), except.end(), one.pid) == except.end())
            result.push_back(one.pid);
    return result;
}

std::uint64_t address_space(const pids& members) { return memory(members, 0); }

std::uint64_t resident_bytes(const pids& members) { return memory(members, 1); }

std::size_t descriptors(const pids& members) {
    std::size_t n = 0;
    for (auto member : members) n += entries(folder_of(member) + "fd").size();
    return n;
}

std::set<std::string> socket_inodes(const pids& members) {
    const std::string socket = "socket:[";
    std::set<std::string> inodes;
    for (auto member : members) {
        auto folder = folder_of(member) + "fd/";
        for (const auto& fd : entries(folder)) {
            char target[64] = "";
            auto n = ::readlink((folder + fd).c_str(), target, sizeof target - 1);
            std::string link(target, n > 0 ? static_cast<std::size_t>(n) : 0);
            if (link.compare(0, socket.size(), socket) == 0)
                inodes.insert(link.substr(socket.size(), link.size() - socket.size() - 1));
        }
    }
    return inodes;
}

std::vector<std::string> thread_names(const pids& members) {
    std::vector<std::string> names;
    for (auto member : members) {
        for (const auto& task : task_folders(member)) {
            auto name = contents(task + "comm");
            if (!name.empty()) names.push_back(name.substr(0, name.find('\n')));
        }
    }
    std::sort(names.begin(), names.end());
    return names;
}

harness::activity activity(const pids& members) {
    harness::activity sum;
    for (auto member : members) {
        // The clock includes the work of threads that have ended.
        clockid_t clock;
        timespec worked{};
        if (::clock_getcpuclockid(member, &clock) == 0 && ::clock_gettime(clock, &worked) == 0)
            sum.processor_ns += static_cast<std::uint64_t>(worked.tv_sec) * 1'000'000'000u +
                                static_cast<std::uint64_t>(worked.tv_nsec);
        for (const auto& task : task_folders(member)) {
            const auto fields = stat_fields(task);
            if (!fields.empty()) sum.runnable |= fields[0] == "R" || fields[0] == "D";
        }
    }
    return sum;
}

namespace {

std::string first_line_of(const std::string& path) {
    const auto text = contents(path);
    return text.substr(0, text.find('\n'));
}

// "asleep in the kernel's futex_wait_queue"
std::string state_of(const std::string& task) {
    const auto fields = stat_fields(task);
    if (fields.empty()) return "";
    const auto where = first_line_of(task + "wchan");
    const auto in = where.empty() || where == "0" ? "" : " in the kernel's " + where;
    switch (fields[0][0]) {
        case 'R':
            return "running, or ready to run";
        case 'S':
            return "asleep" + in;
        case 'D':
            return "waiting for a device" + in;
        case 'T':
            return "stopped";
        case 't':
            return "stopped by a debugger";
        default:
            return "in state " + fields[0] + in;
    }
}

}  // namespace

std::string what_threads_do(const pids& members) {
    constexpr std::size_t most = 8;
    std::map<std::string, std::size_t> threads;
    for (auto member : members)
        for (const auto& task : task_folders(member))
            if (const auto state = state_of(task); !state.empty())
                ++threads["`" + first_line_of(task + "comm") + "`: " + state];
    std::string text;
    std::size_t lines = 0;
    for (const auto& [what, count] : threads) {
        if (++lines > most) {
            text += "... and " + counted(threads.size() - most, "more kind") + "\n";
            break;
        }
        text += (count > 1 ? counted(count, "thread") + " " : "") + what + "\n";
    }
    return text;
}

}  // namespace rendezvous::harness::proc

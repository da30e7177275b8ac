#include "tests/harness/proc.hpp"

#include <dirent.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <ctime>
#include <fstream>
#include <sstream>

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

pids group(pid_t leader) {
    pids members;
    for (const auto& name : entries("/proc")) {
        if (!std::isdigit(static_cast<unsigned char>(name[0]))) continue;
        auto fields = stat_fields("/proc/" + name + "/");
        if (fields.size() > 2 && fields[2] == std::to_string(leader))
            members.push_back(std::stoi(name));
    }
    return members;
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

}  // namespace rendezvous::harness::proc

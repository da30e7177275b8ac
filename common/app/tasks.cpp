#include "common/app/tasks.hpp"

#include <functional>
#include <map>
#include <mutex>

namespace rendezvous {
namespace {

struct registry {
    std::mutex mutex;
    std::map<std::string, int, std::less<>> running;  // how many have this name
};

registry& tasks() {
    static registry all;
    return all;
}

}  // namespace

task_name::task_name(const char* name) : name_(name) {
    std::lock_guard lock(tasks().mutex);
    ++tasks().running[name_];
}

task_name::~task_name() {
    std::lock_guard lock(tasks().mutex);
    if (--tasks().running[name_] == 0) tasks().running.erase(name_);
}

std::string list_tasks(const std::string& kind) {
    std::lock_guard lock(tasks().mutex);
    int total = 0;
    std::string names;
    for (const auto& [name, count] : tasks().running) {
        total += count;
        names += (names.empty() ? ": " : ", ") + std::to_string(count) + " " + name;
    }
    return std::to_string(total) + " " + kind + names;
}

}  // namespace rendezvous

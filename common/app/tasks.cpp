#include "common/app/tasks.hpp"

#include <cstdio>
#include <functional>
#include <map>
#include <mutex>
#include <new>

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

start_error::start_error(const char* name, const std::exception& why) noexcept {
    const bool no_memory = dynamic_cast<const std::bad_alloc*>(&why) != nullptr;
    std::snprintf(text_.data(), text_.size(), "cannot start %s: %s", name,
                  no_memory ? "Cannot allocate memory" : why.what());
}

}  // namespace rendezvous

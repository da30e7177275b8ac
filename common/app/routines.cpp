#include "common/app/routines.hpp"

#include <map>
#include <mutex>

namespace rendezvous {
namespace {

struct registry {
    std::mutex mutex;
    std::map<std::string, int, std::less<>> running;  // how many have this name
};

registry& routines() {
    static registry all;
    return all;
}

}  // namespace

routine_name::routine_name(const char* name) : name_(name) {
    std::lock_guard lock(routines().mutex);
    ++routines().running[name_];
}

routine_name::~routine_name() {
    std::lock_guard lock(routines().mutex);
    if (--routines().running[name_] == 0) routines().running.erase(name_);
}

std::string list_routines(const std::string& kind) {
    std::lock_guard lock(routines().mutex);
    int total = 0;
    std::string names;
    for (const auto& [name, count] : routines().running) {
        total += count;
        names += (names.empty() ? ": " : ", ") + std::to_string(count) + " " + name;
    }
    return std::to_string(total) + " " + kind + names;
}

}  // namespace rendezvous

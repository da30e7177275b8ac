// Ends a run before its time: on Ctrl-C or another request to stop, or when its time is over.
#pragma once
#include <chrono>
#include <functional>
#include <optional>
#include <thread>

#include "tests/harness/descriptor.hpp"

namespace rendezvous::harness {

class interruption {
public:
    // `finish` is called once, in a thread of its own, with the signal that interrupted the run (0:
    // the time is over).  It prints the results so far and returns the status with which the
    // process then exits.  A second Ctrl-C ends the process at once.
    interruption(std::optional<std::chrono::seconds> limit, std::function<int(int signal)> finish);
    ~interruption();
    interruption(const interruption&) = delete;

    // Must be called before anything is recorded: it does not return once the run is being ended.
    // Whatever happens in a test after that may be a result of the interruption itself.
    static void hold_if_begun();

private:
    void watch(std::optional<std::chrono::seconds> limit);

    std::function<int(int)> finish_;
    descriptor signals_, no_more_signals_;
    std::thread watcher_;
};

}  // namespace rendezvous::harness

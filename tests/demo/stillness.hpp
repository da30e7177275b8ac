// How the demo knows that nothing more will come: all the programs involved have slept for a while.
// A program that a busy machine starves does not sleep; it is ready to run.
#pragma once
#include <chrono>
#include <cstdint>
#include <vector>

#include "tests/harness/process.hpp"

namespace rendezvous::demo {

using harness::milliseconds;
using processes = std::vector<const harness::process*>;

class stillness {
public:
    explicit stillness(processes all);

    milliseconds so_far();  // how long all have slept, as far as the calls so far could observe

private:
    using clock = std::chrono::steady_clock;

    processes all_;
    clock::time_point looked_, since_;
    std::uint64_t worked_ns_ = 0;
};

// Waits until all of them sleep, so that none is in the middle of something.
void settle(const processes& all);

}  // namespace rendezvous::demo

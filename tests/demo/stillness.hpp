// When do we know that nothing more will come?  When all the programs involved sleep, and have
// slept for a while: a program that is only starved by a busy machine does not sleep, it is ready
// to run.
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

    milliseconds so_far();  // for how long they have slept, as far as this was asked to look

private:
    using clock = std::chrono::steady_clock;

    processes all_;
    clock::time_point looked_, since_;
    std::uint64_t worked_ns_ = 0;
};

// Waits until all of them sleep: what one of them was about to do is done.
void settle(const processes& all);

}  // namespace rendezvous::demo

#include "tests/demo/stillness.hpp"

namespace rendezvous::demo {

using namespace std::chrono_literals;

namespace {

harness::activity activity_of(const processes& all) {
    harness::activity sum;
    for (const auto* one : all) {
        auto seen = one->activity();
        sum.processor_ns += seen.processor_ns;
        sum.runnable |= seen.runnable;
    }
    return sum;
}

}  // namespace

stillness::stillness(processes all)
    : all_(std::move(all)),
      looked_(clock::now()),
      since_(looked_),
      worked_ns_(activity_of(all_).processor_ns) {}

milliseconds stillness::so_far() {
    auto now = clock::now();
    auto seen = activity_of(all_);
    auto worked = std::chrono::nanoseconds(seen.processor_ns - worked_ns_);
    // The timers of a runtime tick along: up to a fiftieth of the time does not count as work.
    if (seen.runnable || worked < 0ns || worked > (now - looked_) / 50) since_ = clock::now();
    worked_ns_ = seen.processor_ns;
    looked_ = now;
    return std::chrono::duration_cast<milliseconds>(clock::now() - since_);
}

void settle(const processes& all) {
    // Checking takes a while, and a program that was found asleep may be woken by one that has not
    // been checked yet.  But if none has worked between two checks, all of them slept in between.
    auto before = activity_of(all);
    harness::eventually(2s, [&] {
        auto now = activity_of(all);
        bool slept = !before.runnable && !now.runnable && before.processor_ns == now.processor_ns;
        before = now;
        return slept;
    });
}

}  // namespace rendezvous::demo

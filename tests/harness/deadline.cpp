#include "tests/harness/deadline.hpp"

#include <algorithm>
#include <thread>

namespace rendezvous::harness {

namespace {
double factor_ = 1;
}

double patience() { return factor_; }
void be_patient(double factor) { factor_ = factor; }

deadline::deadline(milliseconds span)
    : span_(static_cast<milliseconds::rep>(static_cast<double>(span.count()) * factor_)),
      end_(std::chrono::steady_clock::now() + span_) {}

milliseconds deadline::left() const {
    auto rest = std::chrono::ceil<milliseconds>(end_ - std::chrono::steady_clock::now());
    return std::max(rest, 0ms);
}

milliseconds deadline::overrun() const {
    return std::chrono::floor<milliseconds>(std::chrono::steady_clock::now() - end_);
}

bool eventually(milliseconds span, const std::function<bool()>& holds) {
    for (deadline limit(span); !holds(); std::this_thread::sleep_for(5ms))
        if (limit.passed()) return holds();
    return true;
}

}  // namespace rendezvous::harness

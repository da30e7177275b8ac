#include "tests/harness/patience.hpp"

#include <algorithm>

#include "tests/harness/text.hpp"

namespace rendezvous::harness {

namespace {
using clock = std::chrono::steady_clock;
constexpr auto look_every = 100ms;
}  // namespace

patience_for::patience_for(const process* server, milliseconds span, milliseconds idle)
    : server_(server), limit_(span), idle_span_(deadline(idle).span()), looked_(clock::now()) {}

void patience_for::something_came() { slept_ = 0ms; }

bool patience_for::over() {
    if (limit_.passed()) return true;
    if (!server_ || clock::now() - looked_ < look_every) return false;
    return gave_up_idle_ = idle();
}

bool patience_for::idle() {
    auto now = clock::now();
    auto seen = server_->activity();
    auto worked = std::chrono::nanoseconds(seen.processor_ns -
                                           std::min(last_.processor_ns, seen.processor_ns));
    // A runtime's own clockwork ticks along: up to a fiftieth of the time is no work.  Between two
    // looks that are far apart it may be we who did not get a processor, with its answer unread.
    slept_ += std::min<clock::duration>(now - looked_, look_every);
    if (seen.runnable || worked > (now - looked_) / 50) slept_ = 0ms;
    last_ = seen;
    looked_ = now;
    // Whatever a server that has ended has sent is there already.
    ended_ = server_->status().has_value();
    return slept_ >= (ended_ ? std::min(idle_span_, 200ms) : idle_span_);
}

int patience_for::slice() const {
    auto left = limit_.left();
    return static_cast<int>((server_ ? std::min<milliseconds>(left, look_every) : left).count());
}

std::string patience_for::why() const {
    auto in_seconds = [](auto span) {
        return seconds(std::chrono::duration<double>(span).count());
    };
    if (gave_up_idle_ && ended_) return " (the server has ended)";
    if (gave_up_idle_)
        return " (the server has had nothing to do for " + in_seconds(idle_span_) + ")";
    return " within " + in_seconds(limit_.span());
}

}  // namespace rendezvous::harness

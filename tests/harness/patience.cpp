#include "tests/harness/patience.hpp"

#include <unistd.h>

#include <algorithm>
#include <ctime>
#include <fstream>

#include "tests/harness/text.hpp"

namespace rendezvous::harness {

namespace {
using clock = std::chrono::steady_clock;
constexpr auto look_every = 100ms;
}  // namespace

patience_for::patience_for(const process* server, milliseconds span, milliseconds idle)
    : server_(server),
      limit_(span),
      idle_span_(std::min(idle, deadline(idle).span())),
      looked_(clock::now()) {}

void patience_for::something_came() { slept_ = 0ms; }

bool patience_for::over() {
    const auto now = clock::now();
    if (server_ && now - looked_ >= look_every) gave_up_idle_ = idle();
    // The first look only begins to measure, and on a busy machine it comes late.
    const bool measured = !server_ || measured_ || limit_.span() <= look_every;
    const auto counted = std::chrono::duration<double>(limit_.span() + limit_.overrun()) * share_;
    return gave_up_ = gave_up_idle_ || (measured && limit_.passed() && counted >= limit_.span());
}

bool patience_for::idle() {
    auto now = clock::now();
    auto seen = server_->activity();
    auto worked = std::chrono::nanoseconds(seen.processor_ns -
                                           std::min(last_.processor_ns, seen.processor_ns));
    const bool works = seen.runnable || worked > (now - looked_) / 50;
    last_ = seen;

    const auto so_far = work_until_now();
    if (!before_) before_ = so_far;
    const auto all = so_far.all - before_->all;
    const auto others = so_far.busy - before_->busy - (so_far.ours - before_->ours);
    measured_ = all > 0;
    if (measured_) share_ = std::clamp(1 - others / all, 0.1, 1.0);

    // A runtime's own timers tick along, so up to a fiftieth of the time does not count as work. If
    // two checks are far apart, the harness itself may have been starved, with the answer unread.
    const std::chrono::duration<double> slept =
        std::min<clock::duration>(now - looked_, look_every);
    slept_ += std::chrono::duration_cast<clock::duration>(slept * share_);
    if (works) slept_ = 0ms;
    looked_ = now;
    // Everything that a server sent before it ended has arrived already.
    ended_ = server_->status().has_value();
    return slept_ >= (ended_ ? std::min(idle_span_, 200ms) : idle_span_);
}

// /proc/stat begins with the time that all processors have spent: user, nice, system, idle, waiting
// for a disk, interrupts of two kinds, and what the host gave to other machines.
patience_for::work patience_for::work_until_now() const {
    work sum;
    std::ifstream stat("/proc/stat");
    std::string name;
    stat >> name;
    double ticks = 0;
    for (int i = 0; i < 8 && stat >> ticks; ++i) {
        sum.all += ticks;
        if (i != 3 && i != 4) sum.busy += ticks;
    }
    const auto per_second = static_cast<double>(::sysconf(_SC_CLK_TCK));
    sum.all /= per_second;
    sum.busy /= per_second;
    timespec own{};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &own);
    sum.ours = static_cast<double>(own.tv_sec) +
               (static_cast<double>(own.tv_nsec) + static_cast<double>(last_.processor_ns)) / 1e9;
    return sum;
}

int patience_for::slice() const {
    auto left = limit_.left();
    if (!server_) return static_cast<int>(left.count());
    // At least a short time, because the deadline may have passed without being counted.
    return static_cast<int>(std::clamp<milliseconds>(left, 10ms, look_every).count());
}

std::string patience_for::why() const {
    auto in_seconds = [](auto span) {
        return seconds(std::chrono::duration<double>(span).count());
    };
    if (gave_up_idle_ && ended_) return " (the server has ended)";
    if (gave_up_idle_)
        return " (the server has had nothing to do for " + in_seconds(idle_span_) + ")";
    auto text = " within " + in_seconds(limit_.span());
    if (share_ < 0.5)
        text += ", which took " + in_seconds(limit_.span() + limit_.overrun()) +
                " because other programs kept the machine busy";
    return text;
}

}  // namespace rendezvous::harness

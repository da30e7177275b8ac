// How long to wait for something that the server is to do.  It is over at the deadline, and already
// when the server has had nothing to do for a while: when all of it has slept and used no
// processor, what did not come will not come.  (A server that is only starved by a busy machine
// does not sleep, it is ready to run.)  So a failing test is quick.
//
// While other programs keep the machine busy, time passes more slowly: a second in which they use
// three quarters of the processors counts as a quarter of a second, and never as less than a tenth.
// So a loaded machine makes no test fail.
#pragma once
#include <optional>
#include <string>

#include "tests/harness/process.hpp"

namespace rendezvous::harness {

class patience_for {
public:
    // `idle` is how long the server must have slept; without a server there is only the deadline.
    patience_for(const process* server, milliseconds span, milliseconds idle = 1000ms);

    bool over();        // to be asked again and again
    int slice() const;  // how long to poll before asking again, in milliseconds
    bool has_given_up() const { return gave_up_; }
    // It has given up at the deadline, while the server was not idle.
    bool timed_out() const { return gave_up_ && !gave_up_idle_; }
    void something_came();  // the server is alive: idleness is counted anew
    // To follow "nothing came": " within 10 s", " (the server has had nothing to do for 1 s)".
    // Where other programs took half of the processors or more, that is said as well.
    std::string why() const;

private:
    bool idle();

    const process* server_;
    deadline limit_;
    milliseconds idle_span_;
    std::chrono::steady_clock::time_point looked_;
    std::chrono::steady_clock::duration slept_{};  // all of it, as far as we know
    activity last_;
    struct work {
        double all = 0, busy = 0, ours = 0;  // seconds of processors
    };
    work work_until_now() const;
    std::optional<work> before_;  // at the first look
    double share_ = 1;  // of the processors that other programs have left to us, since then
    bool gave_up_ = false, gave_up_idle_ = false, ended_ = false;
};

}  // namespace rendezvous::harness

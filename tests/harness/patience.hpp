// How long to wait for something that the server must do.  The wait ends at the deadline, or
// earlier if the server has had nothing to do for a while: when all its threads have slept and used
// no processor time, nothing more will come.  (A server that a busy machine starves does not sleep;
// it is ready to run.)  So a failing test is quick.
//
// While other programs keep the machine busy, time counts more slowly: a second in which they use
// three quarters of the processors counts as a quarter of a second, and no second counts as less
// than a tenth.  So a loaded machine makes no test fail.
#pragma once
#include <optional>
#include <string>

#include "tests/harness/process.hpp"

namespace rendezvous::harness {

class patience_for {
public:
    // `idle` is how long the server must have slept.  --patience does not make it longer: a slow
    // server works for longer, and when it sleeps it has nothing to do, as any other.  Without a
    // server there is only the deadline.
    patience_for(const process* server, milliseconds span, milliseconds idle = 1000ms);

    bool over();        // to be asked again and again
    int slice() const;  // how long to poll before asking again, in milliseconds
    bool has_given_up() const { return gave_up_; }
    // The wait ended at the deadline, while the server was not idle.
    bool timed_out() const { return gave_up_ && !gave_up_idle_; }
    void something_came();  // the server is active, so its idle time starts again
    // Follows "nothing came": " within 10 s", " (the server has had nothing to do for 1 s)".
    // If other programs took half of the processors or more, it says so as well.
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
    double share_ = 1;       // of the processors that other programs have left to us, since then
    bool measured_ = false;  // it is, by a second look
    bool gave_up_ = false, gave_up_idle_ = false, ended_ = false;
};

}  // namespace rendezvous::harness

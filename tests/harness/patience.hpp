// How long to wait for something that the server is to do.  It is over at the deadline, and already
// when the server has had nothing to do for a while: when all of it has slept and used no
// processor, what did not come will not come.  (A server that is only starved by a busy machine
// does not sleep, it is ready to run.)  So a red test is quick, and a loaded machine makes none.
#pragma once
#include <string>

#include "tests/harness/process.hpp"

namespace rendezvous::harness {

class patience_for {
public:
    // `idle` is how long the server must have slept; without a server there is only the deadline.
    patience_for(const process* server, milliseconds span, milliseconds idle = 1000ms);

    bool over();            // to be asked again and again
    int slice() const;      // how long to poll before asking again, in milliseconds
    void something_came();  // the server is alive: idleness is counted anew
    // To follow "nothing came": " within 10 s", " (the server has had nothing to do for 1 s)".
    std::string why() const;

private:
    bool idle();

    const process* server_;
    deadline limit_;
    milliseconds idle_span_;
    std::chrono::steady_clock::time_point looked_;
    std::chrono::steady_clock::duration slept_{};  // all of it, as far as we know
    activity last_;
    bool gave_up_idle_ = false, ended_ = false;
};

}  // namespace rendezvous::harness

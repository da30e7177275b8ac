// Deadlines.  A test never waits for a time to pass.  It waits for an event, and a deadline says
// when to give up.  All deadlines are multiplied by --patience, for servers that a sanitizer makes
// slow.
#pragma once
#include <chrono>
#include <functional>

namespace rendezvous::harness {

using std::chrono::milliseconds;
using namespace std::chrono_literals;

double patience();
void be_patient(double factor);

class deadline {
public:
    explicit deadline(milliseconds span);

    bool passed() const { return left() == 0ms; }
    milliseconds left() const;  // never negative
    milliseconds span() const { return span_; }
    milliseconds overrun() const;  // how long ago it passed; negative before

private:
    milliseconds span_;
    std::chrono::steady_clock::time_point end_;
};

// For conditions that no descriptor signals (figures in /proc): checks every few milliseconds, and
// returns whether the condition became true in time.
bool eventually(milliseconds span, const std::function<bool()>& holds);

}  // namespace rendezvous::harness

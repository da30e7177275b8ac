// Each fiber keeps its own exceptions.
#pragma once
#include <boost/fiber/context.hpp>
#include <unordered_map>

namespace rendezvous::fibers {

// The C++ runtime keeps, for each thread, the exceptions that are being thrown and handled; it does
// not know of fibers.  A fiber that waits inside a `catch` block, or in a destructor that an
// exception calls, would leave its exceptions to the next fiber, whose own `catch` would end by
// freeing the wrong one.  So at every switch the scheduler sets aside what one fiber leaves behind
// and restores what the other one left earlier.  Nearly always there is nothing to do.
class exceptions_by_fiber {
public:
    exceptions_by_fiber();  // of the thread that calls it

    // The active fiber is about to switch to `next`.  Allocates if the active fiber is handling an
    // exception; if no memory is left then, the program ends, as it does when the runtime cannot
    // allocate an exception.
    void switch_to(const boost::fibers::context* next) noexcept {
        if (current_->any() || !set_aside_.empty()) [[unlikely]]
            exchange(boost::fibers::context::active(), next);
    }

private:
    // __cxa_eh_globals of the Itanium C++ ABI (section 2.2.2), which GCC and Clang follow.
    struct exceptions {
        void* caught = nullptr;  // a linked list, the innermost first
        unsigned uncaught = 0;

        bool any() const { return caught != nullptr || uncaught != 0; }
    };

    void exchange(const boost::fibers::context* from, const boost::fibers::context* to);

    exceptions* const current_;  // asking the runtime at every switch would cost a tenth of it
    std::unordered_map<const boost::fibers::context*, exceptions> set_aside_;
};

}  // namespace rendezvous::fibers

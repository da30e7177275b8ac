// A fiber with a name.
#pragma once
#include <boost/fiber/fiber.hpp>
#include <boost/fiber/fixedsize_stack.hpp>
#include <boost/fiber/protected_fixedsize_stack.hpp>
#include <functional>
#include <memory>
#include <utility>

#include "common/app/tasks.hpp"

namespace rendezvous::fibers {

// 64 KiB is enough for a handler and all that it calls in Asio; pages that it never touches cost
// nothing.  The guard page that finds an overflow costs two memory maps a fiber, of which Linux
// allows 65,530: so it is for debug builds, whose frames are also larger.  (AddressSanitizer takes
// what it remembers of a stack for true of the next one that is mapped at the same address.)
#if defined(NDEBUG)
inline boost::fibers::fixedsize_stack stack() { return {64 * 1024}; }
#elif defined(__SANITIZE_ADDRESS__)
inline boost::fibers::fixedsize_stack stack() { return {256 * 1024}; }
#else
inline boost::fibers::protected_fixedsize_stack stack() { return {256 * 1024}; }
#endif

// A boost::fibers::fiber: joined by its owner, or the program ends.  Throws std::bad_alloc where no
// stack can be had.
class fiber {
public:
    fiber() = default;

    template <class F, class... Args>
    explicit fiber(const char* name, F f, Args... args)
        : fiber_(std::allocator_arg, stack(),
                 [name, f = std::move(f), ... args = std::move(args)]() mutable {
                     const task_name entry(name);
                     std::invoke(std::move(f), std::move(args)...);
                 }) {}

    bool joinable() const { return fiber_.joinable(); }
    void join() { fiber_.join(); }

private:
    boost::fibers::fiber fiber_;
};

}  // namespace rendezvous::fibers

// A fiber with a name.
#pragma once
#include <boost/fiber/fiber.hpp>
#include <boost/fiber/fixedsize_stack.hpp>
#include <boost/fiber/protected_fixedsize_stack.hpp>
#include <functional>
#include <memory>
#include <type_traits>
#include <utility>

#include "common/app/tasks.hpp"
#include "common/fibers/address_sanitizer.hpp"

namespace rendezvous::fibers {

// 64 KiB is enough for a handler and all that it calls in Asio; pages that it never touches cost
// nothing.  The guard page that detects an overflow costs two memory maps per fiber, of which Linux
// allows 65,530: so only debug builds have it.  Their frames are also larger.  AddressSanitizer
// gets no guard page: what it remembers of a stack it would take for true of the next one that is
// mapped at the same address.
inline auto stack() {
#if defined(NDEBUG)
    return boost::fibers::fixedsize_stack(64 * 1024);
#else
    using guarded = boost::fibers::protected_fixedsize_stack;
    using unguarded = boost::fibers::fixedsize_stack;
    return std::conditional_t<with_address_sanitizer, unguarded, guarded>(256 * 1024);
#endif
}

// A boost::fibers::fiber: joined by its owner, or the program ends.  Throws start_error if there is
// no memory for its stack.
class fiber {
public:
    fiber() = default;

    template <class F, class... Args>
    explicit fiber(const char* name, F f, Args... args)
        : fiber_(start_task(name, [&] {
              return boost::fibers::fiber(
                  std::allocator_arg, stack(),
                  [name, f = std::move(f), ... args = std::move(args)]() mutable {
                      const task_name entry(name);
                      std::invoke(std::move(f), std::move(args)...);
                  });
          })) {}

    bool joinable() const { return fiber_.joinable(); }
    void join() { fiber_.join(); }

private:
    boost::fibers::fiber fiber_;
};

}  // namespace rendezvous::fibers

#include "common/fibers/exceptions.hpp"

#include <cxxabi.h>

#include <boost/version.hpp>
#include <utility>

namespace rendezvous::fibers {

exceptions_by_fiber::exceptions_by_fiber()
    : current_(reinterpret_cast<exceptions*>(abi::__cxa_get_globals())) {}

void exceptions_by_fiber::exchange(const boost::fibers::context* from,
                                   const boost::fibers::context* to) {
#if BOOST_VERSION >= 108800 && defined(__GLIBCXX__)
    // Boost.Context does this itself since 1.88, on libstdc++.  Both at once would undo each other.
    static_cast<void>(from), static_cast<void>(to);
#else
    if (current_->any()) set_aside_.emplace(from, std::exchange(*current_, {}));
    if (const auto own = set_aside_.extract(to)) *current_ = own.mapped();
#endif
}

}  // namespace rendezvous::fibers

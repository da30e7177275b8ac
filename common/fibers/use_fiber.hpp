// Asio's asynchronous operations, as calls that suspend a fiber.
#pragma once
#include <boost/asio/async_result.hpp>
#include <boost/fiber/context.hpp>
#include <boost/fiber/waker.hpp>
#include <boost/system/system_error.hpp>
#include <optional>
#include <tuple>
#include <utility>

namespace rendezvous::fibers {

// A completion token: `auto n = conn.async_read_some(buffer, use_fiber[ec])` starts the operation,
// suspends the fiber that calls it until it is complete, and returns its result.  Without `[ec]` an
// error is thrown as boost::system::system_error.  Only for a thread that uses our scheduler.
struct use_fiber_t {
    boost::system::error_code* ec = nullptr;
    use_fiber_t operator[](boost::system::error_code& where) const { return {&where}; }
};
inline constexpr use_fiber_t use_fiber{};

namespace detail {

// What an operation that completes with (error_code, Values...) returns: nothing, the one value, or
// a tuple of them.
template <class... Values>
struct result {
    using type = std::tuple<Values...>;
};
template <class Value>
struct result<Value> {
    using type = Value;
};
template <>
struct result<> {
    using type = void;
};

// An operation in flight; it lives on the stack of the fiber that waits for it.
template <class... Values>
struct operation {
    boost::fibers::waker waiting;
    boost::system::error_code ec;
    std::optional<std::tuple<Values...>> values;
};

}  // namespace detail
}  // namespace rendezvous::fibers

// Asio asks this template what a token means.
template <class R, class... Values>
class boost::asio::async_result<rendezvous::fibers::use_fiber_t,
                                R(boost::system::error_code, Values...)> {
public:
    // Spelled out, not `auto`: Asio asks for this type where the body must not be looked at.
    using return_type = typename rendezvous::fibers::detail::result<Values...>::type;

    template <class Initiation, class... Args>
    static return_type initiate(Initiation&& initiation, rendezvous::fibers::use_fiber_t token,
                                Args&&... args) {
        auto* const fiber = boost::fibers::context::active();
        rendezvous::fibers::detail::operation<Values...> op{fiber->create_waker(), {}, {}};

        // The handler runs on the dispatcher, so only after this fiber has suspended.
        std::forward<Initiation>(initiation)(
            [&op](boost::system::error_code ec, Values... values) {
                op.ec = ec;
                op.values.emplace(std::move(values)...);
                op.waiting.wake();
            },
            std::forward<Args>(args)...);
        fiber->suspend();

        if (token.ec)
            *token.ec = op.ec;
        else if (op.ec)
            throw boost::system::system_error(op.ec);
        if constexpr (sizeof...(Values) == 1)
            return std::get<0>(std::move(*op.values));
        else if constexpr (sizeof...(Values) > 1)
            return std::move(*op.values);
    }
};

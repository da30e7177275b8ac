// `select`: waits for several channels at once, and completes the first case that becomes possible.
#pragma once
#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <type_traits>
#include <utility>

#include "common/channel/basic_channel.hpp"
#include "common/channel/parking.hpp"
#include "common/channel/waiting.hpp"

namespace rendezvous {
namespace detail {

struct nothing {  // the handler of a case that was given none
    void operator()(const auto&...) const noexcept {}
};

// Where T is a type like std::any, which a std::optional<T> converts to, every handler that takes a
// T could be called with the optional.  It is not: it gets the value.
template <class F, class T>
concept hears_the_end =
    std::is_invocable_v<F&, std::optional<T>> && !std::is_convertible_v<std::optional<T>, T>;

template <class F, class T>
concept receives = hears_the_end<F, T> || std::is_invocable_v<F&, T>;

// Each kind of case has a finish().  select calls it on the case that fired; it runs the handler
// and returns what select is to return.
struct any_case {
    any_case() = default;
    any_case(const any_case&) = delete;
    any_case& operator=(const any_case&) = delete;
};

template <class Case>
concept is_case = std::is_base_of_v<any_case, std::remove_cvref_t<Case>>;
template <class Case>
concept is_channel_case = is_case<Case> && requires(Case c) {
    c.record;
};
template <class Case>
concept is_time_case = is_case<Case> && requires(Case c) {
    c.deadline;
};
template <class Case>
concept is_default_case = is_case<Case> && !is_channel_case<Case> && !is_time_case<Case>;

// A case is constructed in the call to select and used up by it, because it holds the value that is
// received or sent.
template <class Case>
concept fresh_case = is_case<Case> && !std::is_lvalue_reference_v<Case>;

}  // namespace detail

// The types of the cases are in this namespace, so that argument-dependent lookup finds our select
// although POSIX has a function of the same name.

template <class T, class Policy, class F>
struct [[nodiscard]] receive_case : detail::any_case {
    receive_case(basic_channel<T, Policy>* channel, F f)
        : record(channel, value), handler(std::move(f)) {}

    bool finish() {
        if constexpr (detail::hears_the_end<F, T>)
            std::invoke(handler, std::move(value));
        else if (value.has_value())
            std::invoke(handler, std::move(*value));
        return !record.found_closed;
    }

    std::optional<T> value;
    detail::receive_record<T, Policy> record;
    F handler;
};

// `Value` is T if the case has a copy of the value, or T& if it refers to the caller's.
template <class T, class Policy, class Value, class F>
struct [[nodiscard]] send_case : detail::any_case {
    template <class V>
    send_case(basic_channel<T, Policy>* channel, V& v, F f)
        : value(v), record(channel, value), handler(std::move(f)) {}

    bool finish() {
        record.throw_if_closed();
        std::invoke(handler);
        return true;
    }

    Value value;
    detail::send_record<T, Policy> record;
    F handler;
};

template <class F>
struct [[nodiscard]] otherwise_case : detail::any_case {
    explicit otherwise_case(F f) : handler(std::move(f)) {}

    bool finish() {
        std::invoke(handler);
        return true;
    }

    F handler;
};

template <class F>
struct [[nodiscard]] after_case : detail::any_case {
    after_case(std::chrono::steady_clock::duration d, F f) : delay(d), handler(std::move(f)) {}

    bool finish() {
        std::invoke(handler);
        return true;
    }

    std::chrono::steady_clock::duration delay;
    detail::time_point deadline = detail::no_deadline;  // set when select is called
    F handler;
};

// A case that receives from the channel, then calls `f`.  If `f` takes a T, it is called with the
// value, and not at all if the channel is closed and empty.  If `f` takes a std::optional<T>, as a
// generic lambda does, it is called in both cases, without a value in the second (Go's
// `v, ok := <-c`).  A null channel is never ready.
template <class T, class Policy, class F = detail::nothing>
requires detail::receives<F, T>
auto on_receive(basic_channel<T, Policy>* channel, F f = {}) {
    return receive_case<T, Policy, F>(channel, std::move(f));
}
template <class T, class Policy, class F = detail::nothing>
requires detail::receives<F, T>
auto on_receive(basic_channel<T, Policy>& channel, F f = {}) {
    return receive_case<T, Policy, F>(&channel, std::move(f));
}

// A case that sends the value, then calls `f()`.  An rvalue is moved from only if this case fires;
// an lvalue is copied.  A closed channel is always ready: if select chooses this case then, it
// throws closed_channel.  A null channel is never ready.
template <class T, class Policy, std::invocable F = detail::nothing>
auto on_send(basic_channel<T, Policy>* channel, std::type_identity_t<T>&& value, F f = {}) {
    return send_case<T, Policy, T&, F>(channel, value, std::move(f));
}
template <class T, class Policy, std::invocable F = detail::nothing>
auto on_send(basic_channel<T, Policy>& channel, std::type_identity_t<T>&& value, F f = {}) {
    return send_case<T, Policy, T&, F>(&channel, value, std::move(f));
}
template <class T, class Policy, std::invocable F = detail::nothing>
auto on_send(basic_channel<T, Policy>* channel, const std::type_identity_t<T>& value, F f = {}) {
    return send_case<T, Policy, T, F>(channel, value, std::move(f));
}
template <class T, class Policy, std::invocable F = detail::nothing>
auto on_send(basic_channel<T, Policy>& channel, const std::type_identity_t<T>& value, F f = {}) {
    return send_case<T, Policy, T, F>(&channel, value, std::move(f));
}

// The case that fires, and calls `f()`, if no other case is possible without waiting (Go's
// `default`).
template <std::invocable F = detail::nothing>
auto otherwise(F f = {}) {
    return otherwise_case<F>(std::move(f));
}

// The case that fires, and calls `f()`, if no other case became possible within this time after the
// call to select (Go's `case <-time.After(d)`).  Of several, the shortest delay counts, and of
// equal ones the first.  A negative delay counts as zero, one of more than a century as a century.
template <class Rep, class Period, std::invocable F = detail::nothing>
auto after(std::chrono::duration<Rep, Period> delay, F f = {}) {
    using namespace std::chrono;
    using ticks = steady_clock::duration;
    // Compared in floating point, which cannot overflow: hours::max() does not fit in nanoseconds.
    constexpr duration<double> century = hours(24 * 365 * 100);
    const duration<double> wanted = delay;
    const ticks kept = wanted <= century.zero() ? ticks::zero()
                       : wanted < century       ? ceil<ticks>(delay)
                                                : duration_cast<ticks>(century);
    return after_case<F>(kept, std::move(f));
}

namespace detail {

// The policy of a select's channels, which all have the same one.
template <class... Cases>
struct policy_of {
    using type = default_policy;
};
template <class First, class... Others>
struct policy_of<First, Others...> : policy_of<Others...> {};
template <is_channel_case First, class... Others>
struct policy_of<First, Others...> {
    using type = typename decltype(First::record)::policy;
};

template <class Policy, class... Cases>
bool select_with(Cases&... cases) {
    constexpr std::size_t defaults = (std::size_t{is_default_case<Cases>} + ... + 0);
    constexpr std::size_t times = (std::size_t{is_time_case<Cases>} + ... + 0);
    constexpr std::size_t channels = sizeof...(Cases) - defaults - times;
    static_assert(defaults <= 1, "a select has one `otherwise` at most");
    static_assert(defaults == 0 || times == 0, "with `otherwise`, a select never waits `after`");

    std::array<case_record<Policy>*, channels> records{};
    time_point deadline = defaults > 0 ? at_once : no_deadline;
    [[maybe_unused]] const time_point now = times > 0 ? Policy::now() : time_point();
    [[maybe_unused]] std::size_t i = 0;
    [[maybe_unused]] const auto prepare = [&](auto& c) {
        using case_type = std::remove_reference_t<decltype(c)>;
        if constexpr (is_channel_case<case_type>) {
            records[i++] = &c.record;
        } else if constexpr (is_time_case<case_type>) {
            c.deadline = now + c.delay;
            deadline = std::min(deadline, c.deadline);
        }
    };
    (prepare(cases), ...);

    const case_record<Policy>* const one = do_one<Policy, channels>(records, deadline);

    // No lock is held any more, so a handler may use the channels, block, and throw.
    [[maybe_unused]] const auto has_fired = [&](auto& c) {
        using case_type = std::remove_reference_t<decltype(c)>;
        if constexpr (is_channel_case<case_type>)
            return one == &c.record;
        else if constexpr (is_time_case<case_type>)
            return one == nullptr && c.deadline == deadline;
        else
            return one == nullptr;
    };
    bool result = true;  // what the first case that has fired returns: two may have one deadline
    static_cast<void>(((has_fired(cases) && (result = cases.finish(), true)) || ...));
    return result;
}

}  // namespace detail

// Waits until one of the cases is possible, completes that one, and calls its handler, on the
// calling task and with no lock held.  If several cases are possible, each is equally likely to be
// chosen.  A select without cases waits forever.
//
// Returns false if the case that fired is a receive that found its channel closed and empty, and
// true otherwise.  So this loop ends when one of the two channels is closed:
//
//     while (select(on_receive(messages, ...), on_receive(entering, ...))) {
//     }
//
// Throws closed_channel if the chosen case is a send on a closed channel, and whatever the handler
// throws.  The rules are those of The Go Programming Language Specification, "Select statements".
template <detail::fresh_case... Cases>
bool select(Cases&&... cases) {
    using policy = typename detail::policy_of<std::remove_cvref_t<Cases>...>::type;
    return detail::select_with<policy>(cases...);
}

}  // namespace rendezvous

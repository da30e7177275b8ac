// `select`: waits for several channels at once, and does what can be done first.
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

struct nothing {  // to be done when a case without a handler fires
    void operator()(const auto&...) const noexcept {}
};

template <class F, class T>
concept hears_the_end = std::is_invocable_v<F&, std::optional<T>>;

template <class F, class T>
concept receives = hears_the_end<F, T> || std::is_invocable_v<F&, T>;

// Each kind of case has a finish(), which runs its handler once it has fired, and says what the
// select returns.
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

// A case is made in the call and used up by it: what it received or was to send lies in it.
template <class Case>
concept fresh_case = is_case<Case> && !std::is_lvalue_reference_v<Case>;

}  // namespace detail

// The cases are types of this very namespace, so that a call finds our select by the types of its
// arguments: POSIX has another one.

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

// `Value` is T, a copy of our own, or T&, a variable or temporary of the caller's.
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
    detail::time_point deadline = detail::for_ever;  // known once the select has begun
    F handler;
};

// Receives from the channel.  `f` takes a T, and is called with what was received; or it takes a
// std::optional<T>, as a generic lambda does, and is called without a value, too, when the channel
// is closed and empty (Go's `v, ok := <-c`).  A null channel never is ready.
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

// Sends the value, then calls `f()`.  What is given to be moved is moved from only if this case
// fires.  If the channel is closed, select throws closed_channel when it comes to this case.
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

// Calls `f()` if no other case can be done without waiting (Go's `default`).
template <std::invocable F = detail::nothing>
auto otherwise(F f = {}) {
    return otherwise_case<F>(std::move(f));
}

// Calls `f()` if no other case could be done before this time had passed since the call of select
// (Go's `case <-time.After(d)`); of two with the same delay, the first.  Below zero is zero, and
// more than a century is a century.
template <class Rep, class Period, std::invocable F = detail::nothing>
auto after(std::chrono::duration<Rep, Period> delay, F f = {}) {
    using namespace std::chrono;
    using ticks = steady_clock::duration;
    // Compared as numbers that cannot overflow: hours::max() has no nanoseconds.
    constexpr duration<double> century = hours(24 * 365 * 100);
    const duration<double> wanted = delay;
    const ticks kept = wanted <= century.zero() ? ticks::zero()
                       : wanted < century       ? ceil<ticks>(delay)
                                                : duration_cast<ticks>(century);
    return after_case<F>(kept, std::move(f));
}

namespace detail {

// The policy of the channels of a select, which is one and the same.
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
    time_point deadline = defaults > 0 ? at_once : for_ever;
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

    // Nothing is locked any more: handlers may use the channels, and throw.
    [[maybe_unused]] const auto has_fired = [&](auto& c) {
        using case_type = std::remove_reference_t<decltype(c)>;
        if constexpr (is_channel_case<case_type>)
            return one == &c.record;
        else if constexpr (is_time_case<case_type>)
            return one == nullptr && c.deadline == deadline;
        else
            return one == nullptr;
    };
    bool result = true;  // of the case that has fired; of equal times, the first
    static_cast<void>(((has_fired(cases) && (result = cases.finish(), true)) || ...));
    return result;
}

}  // namespace detail

// Waits until one of the cases can be done, does it, and calls its handler, with no lock held and
// on the calling task.  Of several channels with which it can be done at once, each is as likely
// as the others.  Without cases it waits for ever.
//
// False: a receive has found its channel closed and empty.  So this ends when `messages` is closed:
//
//     while (select(on_receive(messages, ...), on_receive(entering, ...))) {
//     }
//
// Throws closed_channel if the case that was chosen was a send on a closed channel, and whatever
// the handler throws.  The rules are those of The Go Programming Language Specification, "Select
// statements".
template <detail::fresh_case... Cases>
bool select(Cases&&... cases) {
    using policy = typename detail::policy_of<std::remove_cvref_t<Cases>...>::type;
    return detail::select_with<policy>(cases...);
}

}  // namespace rendezvous

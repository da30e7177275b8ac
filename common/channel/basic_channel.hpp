// A channel that carries values of type T from task to task, as Go's channels do.
#pragma once
#include <boost/assert.hpp>
#include <boost/circular_buffer.hpp>
#include <cstddef>
#include <iterator>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string_view>
#include <type_traits>
#include <utility>

#include "common/channel/parking.hpp"
#include "common/channel/waiting.hpp"

namespace rendezvous {

// Thrown by a send on a closed channel, and by a second close.  Both are mistakes in the program;
// Go panics.
struct closed_channel : std::logic_error {
    using std::logic_error::logic_error;
};

// What try_receive found: a value, or nothing yet, or that the channel has ended.
template <class T>
class found {
public:
    explicit operator bool() const noexcept { return value_.has_value(); }
    T& operator*() noexcept { return *value_; }
    T* operator->() noexcept { return &*value_; }

    // The channel is closed, and all its values have been received: no value will come any more.
    bool closed() const noexcept { return closed_; }

private:
    template <class, class>
    friend class basic_channel;

    std::optional<T> value_;
    bool closed_ = false;
};

namespace detail {

template <class T, class Policy>
class send_record;
template <class T, class Policy>
class receive_record;

}  // namespace detail

// A first-in, first-out queue of values between tasks.  Any number of threads and fibers may send
// and receive at the same time.  A channel without capacity hands each value from the sender to a
// receiver directly, and each of the two waits for the other.  A channel with a capacity buffers up
// to that many values.  The semantics are those of The Go Programming Language Specification,
// "Channel types", "Send statements", "Receive operator" and "Close".
//
// A channel may be destroyed once all calls on it have returned.  (A peer's value may arrive before
// that: a task that has waited still touches the channel after it was woken.)  With one exception:
// a receiver that found the channel closed may destroy it, if no other task uses it any more, even
// though close() has not returned yet in the task that called it.  Releasing the lock is the last
// thing that close() does to the channel, and no receiver finds it closed without that lock.
//
// parking.hpp explains the Policy; `channel<T>` uses the default one.
template <class T, class Policy = default_policy>
class basic_channel : private detail::channel_base<Policy> {
    static_assert(parking_policy<Policy>);
    static_assert(std::is_object_v<T> && std::is_same_v<T, std::remove_cv_t<T>>);
    static_assert(std::is_nothrow_move_constructible_v<T> && std::is_nothrow_destructible_v<T>,
                  "a value crosses under the channel's lock, where nothing may throw");
    static_assert(std::is_move_assignable_v<T>, "boost::circular_buffer asks for it");

public:
    using value_type = T;

    // The capacity is a number of values.  The name is for policies that report what happens.
    basic_channel() : basic_channel(0) {}
    explicit basic_channel(std::string_view name) : basic_channel(0, name) {}
    explicit basic_channel(std::size_t capacity, std::string_view name = {})
        : base(name), buffer_(capacity) {}

    ~basic_channel() {
        BOOST_ASSERT_MSG(base::senders.empty() && base::receivers.empty(),
                         "a channel was destroyed while a task waited for it");
    }

    // Waits until a receiver has taken the value, or until it is in the buffer.  Throws
    // closed_channel if the channel is closed, or is closed during the wait.
    void send(T value);

    // Sends the value if that needs no waiting, and returns whether it did; only then has the value
    // been moved from.  Throws closed_channel if the channel is closed.
    bool try_send(T&& value);
    bool try_send(const T& value) { return try_send(T(value)); }

    // Waits for the next value and returns it.  Returns nothing once the channel is closed and all
    // its values have been received.
    std::optional<T> receive();

    // Receives a value if that needs no waiting.
    found<T> try_receive();

    // Ends the channel.  Receivers still get the values in the buffer, then nothing.  All waiting
    // tasks are woken: receivers get nothing, and senders throw.  Throws closed_channel if the
    // channel is closed already.
    void close();

    // How many values are in the buffer.  Other tasks may have changed that before the caller
    // looks.
    std::size_t size() const;
    std::size_t capacity() const noexcept { return buffer_.capacity(); }

    // `for (auto& value : channel)` receives values until the channel is closed and empty.
    class iterator;
    iterator begin() { return iterator(*this); }
    std::default_sentinel_t end() const noexcept { return {}; }

private:
    friend class detail::send_record<T, Policy>;
    friend class detail::receive_record<T, Policy>;
    using base = detail::channel_base<Policy>;
    using sending = detail::send_record<T, Policy>;
    using receiving = detail::receive_record<T, Policy>;

    // The two parties of a handoff, as the policy's hooks get them: the task that runs here, and
    // one that waits.
    static constexpr const typename Policy::parker* self = nullptr;
    static const typename Policy::parker* parker_of(const detail::case_record<Policy>& record) {
        return record.waiter;
    }
    const base& as_base() const { return *this; }

    void receive_into(std::optional<T>& value);

    // The caller holds the lock.
    bool send_now(sending& mine);
    bool receive_now(receiving& mine);
    sending* claim_sender() {
        return static_cast<sending*>(detail::claim<Policy>(*this, base::senders));
    }
    receiving* claim_receiver() {
        return static_cast<receiving*>(detail::claim<Policy>(*this, base::receivers));
    }

    boost::circular_buffer<T> buffer_;  // senders wait only while it is full, receivers while empty
};

template <class T>
using channel = basic_channel<T, default_policy>;

namespace detail {

// The case record of a send.  The value stays where the sender has it until the case fires.
template <class T, class Policy>
class send_record final : public case_record<Policy> {
public:
    send_record(basic_channel<T, Policy>* channel, T& v)
        : case_record<Policy>(channel, direction::send), value(v), channel_(channel) {}
    bool try_now() override { return channel_->send_now(*this); }

    void throw_if_closed() const {
        if (this->found_closed) throw closed_channel("send on a closed channel");
    }

    T& value;

private:
    basic_channel<T, Policy>* channel_;
};

// The case record of a receive, with the place that its value goes to.
template <class T, class Policy>
class receive_record final : public case_record<Policy> {
public:
    receive_record(basic_channel<T, Policy>* channel, std::optional<T>& r)
        : case_record<Policy>(channel, direction::receive), result(r), channel_(channel) {}
    bool try_now() override { return channel_->receive_now(*this); }

    std::optional<T>& result;

private:
    basic_channel<T, Policy>* channel_;
};

// A select with one case.  Returns whether the case fired before the deadline.
template <class Policy>
bool do_only(case_record<Policy>& one, time_point deadline) {
    return do_one<Policy, 1>({&one}, deadline) != nullptr;
}

}  // namespace detail

template <class T, class Policy>
void basic_channel<T, Policy>::send(T value) {
    sending mine(this, value);
    detail::do_only(mine, detail::no_deadline);
    mine.throw_if_closed();
}

template <class T, class Policy>
bool basic_channel<T, Policy>::try_send(T&& value) {
    sending mine(this, value);
    const bool done = detail::do_only(mine, detail::at_once);
    mine.throw_if_closed();
    return done;
}

template <class T, class Policy>
std::optional<T> basic_channel<T, Policy>::receive() {
    std::optional<T> value;
    receive_into(value);
    return value;
}

template <class T, class Policy>
void basic_channel<T, Policy>::receive_into(std::optional<T>& value) {
    receiving mine(this, value);
    detail::do_only(mine, detail::no_deadline);
}

template <class T, class Policy>
found<T> basic_channel<T, Policy>::try_receive() {
    found<T> result;
    receiving mine(this, result.value_);
    detail::do_only(mine, detail::at_once);
    result.closed_ = mine.found_closed;
    return result;
}

template <class T, class Policy>
void basic_channel<T, Policy>::close() {
    const std::lock_guard locked(base::lock);
    Policy::touched(as_base());
    if (base::closed) throw closed_channel("close of a closed channel");
    base::closed = true;
    Policy::closed(as_base());
    // Receivers wait only while the buffer is empty, so no value is left for those that wait now.
    while (receiving* r = claim_receiver()) r->found_closed = true;
    while (sending* s = claim_sender()) s->found_closed = true;
}

template <class T, class Policy>
std::size_t basic_channel<T, Policy>::size() const {
    const std::lock_guard locked(base::lock);
    Policy::touched(as_base());
    return buffer_.size();
}

template <class T, class Policy>
bool basic_channel<T, Policy>::send_now(sending& mine) {
    Policy::touched(as_base());
    if (base::closed) {
        mine.found_closed = true;
        return true;
    }
    if (receiving* receiver = claim_receiver()) {
        Policy::handed(as_base(), self, parker_of(*receiver), mine.value);
        receiver->result.emplace(std::move(mine.value));
        return true;
    }
    if (!buffer_.full()) {
        Policy::put(as_base(), self, mine.value);
        buffer_.push_back(std::move(mine.value));
        return true;
    }
    return false;
}

template <class T, class Policy>
bool basic_channel<T, Policy>::receive_now(receiving& mine) {
    Policy::touched(as_base());
    if (!buffer_.empty()) {
        Policy::took(as_base(), buffer_.front());
        mine.result.emplace(std::move(buffer_.front()));
        buffer_.pop_front();
        // The freed slot goes to the sender that has waited longest.
        if (sending* sender = claim_sender()) {
            Policy::put(as_base(), parker_of(*sender), sender->value);
            buffer_.push_back(std::move(sender->value));
        }
        return true;
    }
    if (sending* sender = claim_sender()) {
        Policy::handed(as_base(), parker_of(*sender), self, sender->value);
        mine.result.emplace(std::move(sender->value));
        return true;
    }
    mine.found_closed = base::closed;
    return base::closed;
}

// Holds one received value until it is incremented.  It is an input iterator: a channel cannot be
// traversed twice.
template <class T, class Policy>
class basic_channel<T, Policy>::iterator {
public:
    using iterator_concept = std::input_iterator_tag;
    using value_type = T;
    using difference_type = std::ptrdiff_t;

    explicit iterator(basic_channel& channel) : channel_(&channel), value_(channel.receive()) {}

    T& operator*() const noexcept { return *value_; }
    iterator& operator++() {
        value_.reset();
        channel_->receive_into(value_);
        return *this;
    }
    void operator++(int) { ++*this; }
    bool operator==(std::default_sentinel_t) const noexcept { return !value_.has_value(); }

private:
    basic_channel* channel_;
    mutable std::optional<T> value_;
};

}  // namespace rendezvous

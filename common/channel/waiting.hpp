// How one task waits for many channels: the case, the queue, and the algorithm of `select`.
//
// A plain send or receive is a select with one case.  The records of a select stand on the stack of
// the task that waits, linked into the queues of the channels; all of them share one bed, so
// that whoever wakes the task through one of them has won all of them.  The scheme is that of
// Go's runtime (runtime/select.go: selectgo, and its sudogs).
#pragma once
#include <algorithm>
#include <array>
#include <boost/intrusive/list.hpp>
#include <cstddef>
#include <mutex>
#include <span>
#include <string_view>
#include <utility>

#include "common/channel/parking.hpp"

namespace rendezvous::detail {

template <class Policy>
struct channel_base;
template <class Policy>
class case_record;

// A task that waits: its bed, and the case that was done for it.
template <class Policy>
struct waiter : Policy::parker {
    using Policy::parker::parker;

    case_record<Policy>* fired = nullptr;  // named by who woke us, under the lock of its channel
};

enum class direction : bool { receive, send };

// One case of a select: what is to be done to which channel.  While it is in a queue, it is read
// and changed under the channel's lock only.  It unlinks itself when it goes.
template <class Policy>
class case_record : public boost::intrusive::list_base_hook<
                        boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
public:
    using policy = Policy;

    case_record(channel_base<Policy>* c, direction d) noexcept : where(c), way(d) {}
    case_record(const case_record&) = delete;
    case_record& operator=(const case_record&) = delete;

    // Does it now, if that can be done without waiting.
    virtual bool try_now() = 0;

    // Joins the end of the channel's queue.
    void publish(waiter<Policy>& w) {
        Policy::touched(*where);
        who = &w;
        (way == direction::send ? where->senders : where->receivers).push_back(*this);
    }

    // Leaves the queue, unless whoever woke us, or found us gone already, has taken us out.
    void withdraw() {
        Policy::touched(*where);
        if (this->is_linked()) this->unlink();
    }

    channel_base<Policy>* const where;  // null: never ready
    const direction way;
    bool found_closed = false;      // how it was done: a send fails, a receive has come to the end
    waiter<Policy>* who = nullptr;  // once it is published

protected:
    ~case_record() = default;
};

// What every channel has, whatever it carries.
template <class Policy>
struct channel_base {
    // First in, first out.
    using queue =
        boost::intrusive::list<case_record<Policy>, boost::intrusive::constant_time_size<false>>;

    explicit channel_base(std::string_view name) : label(name) { Policy::opened(*this); }
    channel_base(const channel_base&) = delete;
    channel_base& operator=(const channel_base&) = delete;

    [[no_unique_address]] typename Policy::label label;
    mutable typename Policy::lock lock;
    bool closed = false;
    queue senders;    // the cases that wait to send
    queue receivers;  // the cases that wait to receive
};

// Takes the first waiter whose wake-up is ours out of a queue, and names it the winner of its
// select; null if there is none.  Its task cannot go on before our lock is released, so the
// caller still moves the value, to or from where the case says.
template <class Policy>
case_record<Policy>* claim(channel_base<Policy>& channel,
                           typename channel_base<Policy>::queue& queue) {
    Policy::touched(channel);
    while (!queue.empty()) {
        case_record<Policy>& first = queue.front();
        queue.pop_front();
        if (first.who->wake()) {
            first.who->fired = &first;
            return &first;
        }
        // Another of its cases has been done, or its time is up: it only has not got round to
        // leaving our queue yet.
    }
    return nullptr;
}

// The locks of all channels of a select, as one lock.  Everybody takes them in one order, each of
// them once: two selects over the same channels cannot wait for each other's locks.
template <class Policy, std::size_t N>
class channel_locks {
public:
    explicit channel_locks(std::span<case_record<Policy>* const> cases) {
        for (auto* c : cases) insert(c->where);
    }
    void lock() {
        for (std::size_t i = 0; i < size_; ++i) channels_[i]->lock.lock();
    }
    void unlock() {
        for (std::size_t i = size_; i-- > 0;) channels_[i]->lock.unlock();
    }

private:
    void insert(channel_base<Policy>* channel) {
        const auto end = channels_.begin() + static_cast<std::ptrdiff_t>(size_);
        const auto at = std::lower_bound(channels_.begin(), end, channel, order());
        if (at != end && *at == channel) return;
        std::move_backward(at, end, end + 1);
        *at = channel;
        ++size_;
    }

    using order = typename Policy::before;
    std::array<channel_base<Policy>*, N> channels_{};
    std::size_t size_ = 0;
};

// Tells the policy that one of the cases has been done, and returns that one.
template <class Policy>
case_record<Policy>* done(case_record<Policy>& one, std::span<case_record<Policy>* const> cases) {
    Policy::fired(cases, one);
    if (one.found_closed && one.way == direction::receive) Policy::end(*one.where);
    return &one;
}

// Waits until one of the cases can be done, does it, and returns it: exactly one, or null when the
// deadline has passed before.  A case without a channel is never done.
template <class Policy, std::size_t N>
case_record<Policy>* do_one(const std::array<case_record<Policy>*, N>& all, time_point deadline) {
    std::array<case_record<Policy>*, N> shuffled{};
    std::size_t n = 0;
    for (auto* c : all)
        if (c->where != nullptr) shuffled[n++] = c;
    const std::span cases(shuffled.data(), n);

    channel_locks<Policy, N> locks(cases);
    std::unique_lock locked(locks);

    // Try the cases in an order that favours none (Fisher and Yates), or the channel that stands
    // first in the program could starve the others.
    for (std::size_t i = 0; i < n; ++i) {
        if (n - i > 1) std::swap(cases[i], cases[i + Policy::choose(n - i)]);
        if (cases[i]->try_now()) return done<Policy>(*cases[i], cases);
    }
    if (deadline == at_once) return nullptr;

    // Wait for all of them.  Queue up in the shuffled order, too: two cases may share a channel.
    waiter<Policy> self(deadline);
    for (auto* c : cases) c->publish(self);
    Policy::waits(cases, deadline);
    locked.unlock();
    self.park();

    // Whoever woke us did our case, and let go of that channel's lock before we got it back here:
    // nobody touches this stack or the channel any more.  What decides is whether a case fired,
    // and not the clock: a peer may have been faster than a deadline that has passed.
    locked.lock();
    for (auto* c : cases) c->withdraw();
    if (self.fired != nullptr) return done<Policy>(*self.fired, cases);
    Policy::timeout(cases);
    return nullptr;
}

}  // namespace rendezvous::detail

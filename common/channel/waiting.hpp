// How one task waits for several channels: its waiter, its case records, and the algorithm of
// `select`.
//
// A plain send or receive is a select with one case.  While a task waits, its case records live on
// its own stack, linked into the queues of the channels.  All of them point to one waiter, so a
// peer that claims the waiter through one record has claimed it for all of them.  The scheme is
// that of Go's runtime (runtime/select.go: selectgo, and its sudogs); docs/inside-select.md
// explains it rule by rule.
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

// A blocked task as the channels see it: how it is claimed and woken, and which of its cases fired.
template <class Policy>
struct waiter : Policy::parker {
    using Policy::parker::parker;

    // The case that a peer has completed for this task; null until then.  The peer that claims the
    // waiter sets it, under the lock of the channel in whose queue it found the waiter.
    case_record<Policy>* fired = nullptr;
};

enum class direction : bool { receive, send };

// One case of a select: what to do on which channel.  While it is in that channel's queue, it is
// read and changed only under that channel's lock.
template <class Policy>
class case_record : public boost::intrusive::list_base_hook<
                        boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
public:
    using policy = Policy;

    case_record(channel_base<Policy>* c, direction d) noexcept : where(c), way(d) {}
    case_record(const case_record&) = delete;
    case_record& operator=(const case_record&) = delete;

    // Completes the case if that is possible without waiting, and returns whether it did.  The
    // caller holds the channel's lock.
    virtual bool try_now() = 0;

    // Appends this record to the channel's queue, for this waiter.
    void publish(detail::waiter<Policy>& w) {
        Policy::touched(*where);
        waiter = &w;
        (way == direction::send ? where->senders : where->receivers).push_back(*this);
    }

    // Removes this record from the queue.  A peer may have removed it before: the one that claimed
    // the waiter through it, or one that came later and found the waiter claimed.
    void withdraw() {
        Policy::touched(*where);
        if (this->is_linked()) this->unlink();
    }

    channel_base<Policy>* const where;  // null: never ready
    const direction way;
    bool found_closed = false;                 // once completed: the channel was closed (and empty)
    detail::waiter<Policy>* waiter = nullptr;  // once published

protected:
    ~case_record() = default;
};

// What every channel has, whatever type of value it carries.
template <class Policy>
struct channel_base {
    using queue =
        boost::intrusive::list<case_record<Policy>, boost::intrusive::constant_time_size<false>>;

    explicit channel_base(std::string_view name) : label(name) { Policy::opened(*this); }
    channel_base(const channel_base&) = delete;
    channel_base& operator=(const channel_base&) = delete;

    [[no_unique_address]] typename Policy::label label;
    mutable typename Policy::lock lock;
    bool closed = false;
    queue senders;    // case records of tasks that wait to send, oldest first
    queue receivers;  // case records of tasks that wait to receive, oldest first
};

// Claims the oldest waiter in the queue that is not claimed yet, and returns the case record
// through which it was found; null if there is none.  The caller holds the channel's lock, and
// still has to move the value to or from the place that the record gives: the waiter's task cannot
// go on before the caller releases the lock.
template <class Policy>
case_record<Policy>* claim(channel_base<Policy>& channel,
                           typename channel_base<Policy>::queue& queue) {
    Policy::touched(channel);
    while (!queue.empty()) {
        case_record<Policy>& first = queue.front();
        queue.pop_front();
        if (first.waiter->wake()) {
            first.waiter->fired = &first;
            return &first;
        }
        // Another of its cases has fired, or its deadline has passed; its task has not run since
        // and so has not removed this record.  A live waiter may be queued behind it.
    }
    return nullptr;
}

// The locks of all the channels of a select, used as one lock.  Every select takes them in the same
// order, so that two selects over the same channels cannot deadlock, and each of them once,
// although a channel may appear in several cases.
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

// Reports to the policy that this one of the cases has fired, and returns it.
template <class Policy>
case_record<Policy>* done(case_record<Policy>& one, std::span<case_record<Policy>* const> cases) {
    Policy::fired(cases, one);
    if (one.found_closed && one.way == direction::receive) Policy::end(*one.where);
    return &one;
}

// Completes exactly one of the cases and returns it, after waiting for it if necessary.  Returns
// null if the deadline passes first.  A case without a channel is never ready.
template <class Policy, std::size_t N>
case_record<Policy>* do_one(const std::array<case_record<Policy>*, N>& all, time_point deadline) {
    std::array<case_record<Policy>*, N> shuffled{};
    std::size_t n = 0;
    for (auto* c : all)
        if (c->where != nullptr) shuffled[n++] = c;
    const std::span cases(shuffled.data(), n);

    // 1. Lock all the channels.
    channel_locks<Policy, N> locks(cases);
    std::unique_lock locked(locks);

    // 2. Try the cases in random order (one step of a Fisher-Yates shuffle per case).  In a fixed
    // order, a channel that is always ready would starve those listed after it.
    for (std::size_t i = 0; i < n; ++i) {
        if (n - i > 1) std::swap(cases[i], cases[i + Policy::choose(n - i)]);
        if (cases[i]->try_now()) return done<Policy>(*cases[i], cases);
    }
    if (deadline == at_once) return nullptr;

    // 3. Publish the case records in the shuffled order, too: two cases may share a channel.
    waiter<Policy> self(deadline);
    for (auto* c : cases) c->publish(self);
    Policy::waits(cases, deadline);

    // 4. Unlock, and park until a peer claims this waiter or the deadline passes.
    locked.unlock();
    self.park();

    // 5. Lock all the channels again.  A peer that claimed this waiter has finished with our stack
    // by now: it moved the value before it released its channel's lock.
    locked.lock();

    // 6. Remove the records of the cases that did not fire.
    for (auto* c : cases) c->withdraw();

    // 7. See which case fired.  That alone decides whether we are too late, not the clock: a peer
    // may have claimed this waiter although the deadline had passed.
    if (self.fired != nullptr) return done<Policy>(*self.fired, cases);
    Policy::timeout(cases);
    return nullptr;
}

}  // namespace rendezvous::detail

// The seam of the channels: everything that locks, blocks, wakes, chooses at random or reads the
// clock.
//
// A channel and `select` are plain data structures and some bookkeeping.  All that they need from
// the outside world comes from one `Policy`.  Programs use `default_policy`, at the end of this
// file, which serves threads and fibers alike.  Others fit the same seam: a recorder of what
// crossed which channel when, a test that counts the tasks that wait, an explorer that tries all
// interleavings of a small program.
//
// A policy provides
//
//     lock            a mutex; every channel has one.  It is held briefly, and never while its
//                     holder is parked
//     parker          blocks one task once; constructed, for each wait, from the wait's deadline
//       wake()          claims the parker and wakes its task.  True for at most one caller; false
//                       for the others, and for all callers if the deadline claimed it first.
//                       Called under the lock of the channel in whose queue the waiter was found
//       park()          blocks the task until the parker is claimed, or until the deadline
//     label           a channel's name, constructed from a std::string_view; it may keep nothing
//     before          the order in which the channels of a select are locked
//     choose(n)       a random number from 0 to n - 1, each equally likely; n is at least 2
//     now()           the current time, on the clock of the deadlines
//
// and hooks that report what happens.  The task that does it calls the hook, under the lock of the
// channel concerned (except for `opened`).  `from` and `to` are the parkers of waiting tasks; null
// means the task that calls:
//
//     opened(channel)                     a channel was constructed
//     closed(channel)                     the channel was closed
//     touched(channel)                    its queues or its buffer are about to be read or changed
//     waits(cases, deadline)              the task is about to park until one of its cases fires
//     fired(cases, one)                   one of the task's cases fired, at once or after a wait
//     timeout(cases)                      the task gives up waiting
//     handed(channel, from, to, value)    the value crosses from one task to another
//     put(channel, from, value)           the value enters the buffer
//     took(channel, value)                the value leaves the buffer
//     end(channel)                        the task finds the channel closed and empty
#pragma once
#include <atomic>
#include <boost/fiber/context.hpp>
#include <boost/fiber/detail/spinlock.hpp>
#include <boost/fiber/waker.hpp>
#include <chrono>
#include <concepts>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string_view>
#include <thread>

namespace rendezvous {

// True on a thread that runs no fibers: when its task waits for a channel, the whole thread may
// block.  Code that starts such a thread sets this first; code that makes it run fibers after all
// clears it.  A thread where it is false waits as a fiber does (Boost.Fiber treats a thread's own
// stack as its main fiber).  That is slower where there are no other fibers, but never wrong,
// whereas a true value on a thread with fibers would block all of them at once.
inline constinit thread_local bool plain_thread = false;

namespace detail {

using time_point = std::chrono::steady_clock::time_point;

inline constexpr time_point at_once = time_point::min();      // as a deadline: do not wait
inline constexpr time_point no_deadline = time_point::max();  // as a deadline: wait without limit

// Tells the processor that this is a spin loop, where it has an instruction for that.
inline void pause() noexcept {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    asm volatile("yield");
#endif
}

// A channel's lock.  It is held for some dozens of nanoseconds, and for the length of a system call
// when its holder wakes another thread; never while its holder is parked.  Spinning is therefore
// the cheapest way to wait for it.  But the kernel may have preempted the holder's thread, so the
// loop soon yields its own core.  unlock() is a single store, and its caller does not touch the
// lock after it: the next task to get the lock may destroy it.
class spin_lock {
public:
    void lock() noexcept {
        while (held_.exchange(true, std::memory_order_acquire)) {
            // Reading leaves the cache line shared; exchanging would take it from the holder.
            for (int looks = 0; held_.load(std::memory_order_relaxed); ++looks)
                if (looks < looks_before_yield)
                    pause();
                else
                    std::this_thread::yield();
        }
    }
    void unlock() noexcept { held_.store(false, std::memory_order_release); }

private:
    static constexpr int looks_before_yield = 32;

    std::atomic<bool> held_{false};
};

// What a plain thread blocks on; each thread has one, for all its waits.  (std::binary_semaphore
// would be shorter, but GCC 12's polls until a deadline, and can return 64 ms after it.)
struct thread_signal {
    std::mutex mutex;
    std::condition_variable claimed;

    static thread_signal& mine() {
        static thread_local thread_signal own;
        return own;
    }
};

// Parks a thread or a fiber, once.  Which of the two is decided when it waits, so a thread and a
// fiber can meet on one channel.
//
// A peer must call wake() before it releases the channel's lock.  The woken task takes that lock
// before it returns; after that, this parker, the fiber and its scheduler may be gone.
class thread_or_fiber_parker {
public:
    explicit thread_or_fiber_parker(time_point deadline)
        : deadline_(deadline),
          thread_(plain_thread ? &thread_signal::mine() : nullptr),
          fiber_(plain_thread ? nullptr : boost::fibers::context::active()) {
        if (fiber_ == nullptr) return;
        waker_ = fiber_->create_waker();
        if (deadline_ != no_deadline) still_running_.lock();
    }
    thread_or_fiber_parker(const thread_or_fiber_parker&) = delete;
    thread_or_fiber_parker& operator=(const thread_or_fiber_parker&) = delete;

    bool wake() { return fiber_ != nullptr ? wake_fiber() : wake_thread(); }
    void park() { fiber_ != nullptr ? park_fiber() : park_thread(); }

private:
    // A thread's deadline claims nothing.  The thread wakes up, takes the channels' locks, and sees
    // whether a peer has claimed it.
    bool wake_thread() {
        {
            const std::lock_guard locked(thread_->mutex);
            if (claimed_) return false;
            claimed_ = true;
        }
        thread_->claimed.notify_one();
        return true;
    }
    void park_thread() {
        // Often the peer needs only the processor.  Yielding it costs far less than blocking in the
        // kernel and being woken.
        std::this_thread::yield();
        std::unique_lock locked(thread_->mutex);
        const auto is_claimed = [this] { return claimed_; };
        if (deadline_ == no_deadline)
            thread_->claimed.wait(locked, is_claimed);
        else
            thread_->claimed.wait_until(locked, deadline_, is_claimed);
    }

    // Boost.Fiber's waker holds a copy of the fiber's epoch.  wake() is one compare-and-exchange
    // that advances the epoch, so only the first of several calls succeeds.  A fiber's deadline is
    // one of those callers.  (When a plain thread calls wake(), Boost.Fiber first creates a
    // scheduler for that thread, which nothing uses: some microseconds, once.)
    //
    // A peer may wake the fiber as soon as its case records are published, while it still runs. The
    // fiber cannot be resumed before it has switched away.  A peer on its own thread does not run
    // before the switch.  A peer on another thread only appends it to the list of fibers that this
    // thread's dispatcher makes ready, and the dispatcher is a fiber of this thread, too.  So no
    // lock needs to be held across the switch; holding one would add a tenth to the cost of a
    // handoff.  A wait with a deadline does hold one, `still_running_`, because Boost.Fiber asserts
    // that a fiber that begins a timed wait has not been woken yet.  The switch itself releases it.
    bool wake_fiber() {
        if (deadline_ == no_deadline) return waker_.wake();
        const std::lock_guard after_it_has_switched_away(still_running_);
        return waker_.wake();
    }
    void park_fiber() {
        if (deadline_ == no_deadline) {
            fiber_->suspend();
        } else {
            boost::fibers::detail::spinlock_lock locked(still_running_, std::adopt_lock);
            fiber_->wait_until(deadline_, locked, boost::fibers::waker(waker_));
        }
    }

    const time_point deadline_;
    thread_signal* const thread_;          // null where a fiber waits
    boost::fibers::context* const fiber_;  // null where a thread waits
    bool claimed_ = false;                 // of a thread; under its signal's mutex
    boost::fibers::waker waker_;           // of a fiber
    boost::fibers::detail::spinlock still_running_;
};

// A random number from 0 to n - 1.  Each thread has its own generator (SplitMix64: Steele, Lea and
// Flood, "Fast splittable pseudorandom number generators", 2014).  A multiplication and a shift
// replace the division; no number is more likely than another by more than n in 2^32.  The fibers
// of a thread share its generator, and do not move to another thread, so the compiler may keep the
// generator's address across a switch.
inline std::size_t random_choice(std::size_t n) noexcept {
    static constinit thread_local std::uint64_t state = 0;
    state += 0x9e3779b97f4a7c15;
    std::uint64_t z = state ^ reinterpret_cast<std::uintptr_t>(&state);  // differs between threads
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return static_cast<std::size_t>(((z >> 32) * n) >> 32);
}

// A policy's hooks, all of which do nothing.  A policy that derives from this hides those that it
// wants to have called.
struct no_hooks {
    static void opened(const auto&) noexcept {}
    static void closed(const auto&) noexcept {}
    static void touched(const auto&) noexcept {}
    static void waits(const auto&, time_point) noexcept {}
    static void fired(const auto&, const auto&) noexcept {}
    static void timeout(const auto&) noexcept {}
    static void handed(const auto&, const auto*, const auto*, const auto&) noexcept {}
    static void put(const auto&, const auto*, const auto&) noexcept {}
    static void took(const auto&, const auto&) noexcept {}
    static void end(const auto&) noexcept {}
};

}  // namespace detail

// What a policy must provide, as far as the compiler can check it.
template <class Policy>
concept parking_policy = requires(typename Policy::lock lock, typename Policy::parker parker,
                                  std::size_t n) {
    lock.lock();
    lock.unlock();
    { parker.wake() } -> std::same_as<bool>;
    parker.park();
    requires std::constructible_from<typename Policy::parker, detail::time_point>;
    requires std::constructible_from<typename Policy::label, std::string_view>;
    typename Policy::before;
    { Policy::choose(n) } -> std::convertible_to<std::size_t>;
    { Policy::now() } -> std::same_as<detail::time_point>;
};

// The policy of `channel`: serves threads and fibers, keeps no names, has no hooks.
struct default_policy : detail::no_hooks {
    struct label {
        explicit label(std::string_view) noexcept {}
    };
    using lock = detail::spin_lock;
    using parker = detail::thread_or_fiber_parker;
    using before = std::less<>;  // by address
    static std::size_t choose(std::size_t n) noexcept { return detail::random_choice(n); }
    static detail::time_point now() noexcept { return std::chrono::steady_clock::now(); }
};
static_assert(parking_policy<default_policy>);

}  // namespace rendezvous

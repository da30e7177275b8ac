// The seam of the channels: everything that locks, waits, wakes, draws lots or reads the clock.
//
// A channel and `select` are plain data structures and a little bookkeeping; what they need from
// the world outside comes from one `Policy`, and from nowhere else.  `default_policy`, at the end
// of this file, is the one that programs use, with threads and with fibers.  Others sit on the same
// seam: a recorder of what crossed which channel when, a test that counts who is waiting, an
// explorer that tries all interleavings of a small program.
//
// A policy has
//
//     lock            one in every channel; held briefly, and never while its holder waits
//     parker          the bed of a task that waits, made anew, with a deadline, for each wait:
//       wake()          true for one of its callers at most, who thereby wins the sleeper (for none
//                       if the deadline wins it); called under the lock of the channel through
//                       which the sleeper was found
//       park()          sleeps until somebody has won the sleeper, or until the deadline
//     label           a channel's name, made from a std::string_view, or nothing
//     before          the order in which channels are locked
//     choose(n)       a lot: one of 0 .. n-1, each as likely as the others; n is at least 2
//     now()           the clock by which deadlines are meant
//
// and is told what happens, always by the task that does it, and (but for `opened`) under the
// lock of the channel concerned.  A parker stands for the task that sleeps in it, a null one for
// the teller:
//
//     opened(channel)                     closed(channel)
//     touched(channel)                    its queues or its buffer are about to be read or changed
//     waits(cases, deadline)              goes to sleep until one of its cases fires
//     fired(cases, one)                   has done one of its cases, at once or after a sleep
//     timeout(cases)                      gives up waiting
//     handed(channel, from, to, value)    the value crosses from one task to another
//     put(channel, from, value)           the value enters the buffer
//     took(channel, value)                the value leaves the buffer
//     end(channel)                        finds that the channel is closed, and empty
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

// True on a thread that runs no fibers: when it waits for a channel, all of it may sleep.  Whoever
// starts such a thread sets this first; whoever makes it run fibers after all clears it.  Without
// it a thread waits as a fiber does (Boost.Fiber takes a thread's own stack for its main fiber):
// slower if there are no other fibers, but never wrong; the reverse would stop all its fibers at
// once.
inline constinit thread_local bool plain_thread = false;

namespace detail {

using time_point = std::chrono::steady_clock::time_point;

inline constexpr time_point at_once = time_point::min();   // a deadline: does not wait at all
inline constexpr time_point for_ever = time_point::max();  // a deadline: none

// Tells the processor that this is a loop that waits, where it has an instruction for that.
inline void pause() noexcept {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    asm volatile("yield");
#endif
}

// A channel's lock.  It is held for some dozens of nanoseconds, and a system call longer where
// another thread is woken; never while its holder sleeps.  So waiting for it in a loop is cheapest;
// but the holder's thread may have lost its core, so the loop soon offers its own.  unlock() is a
// single store, the last that its caller does to the lock: who takes the lock after that may
// destroy it.
class spin_lock {
public:
    void lock() noexcept {
        while (held_.exchange(true, std::memory_order_acquire)) {
            // Reading does not take the cache line away from the holder, as exchanging would.
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

// How a thread sleeps, all its life.  (std::binary_semaphore would be less to write; but that of
// GCC 12 does not sleep until a deadline, it looks again now and then, up to 64 ms too late.)
struct thread_sleep {
    std::mutex mutex;
    std::condition_variable awake;

    static thread_sleep& mine() {
        static thread_local thread_sleep own;
        return own;
    }
};

// Where a thread or a fiber sleeps, once.  Which of the two it is, is decided when it goes to
// sleep: any two of them can meet on one channel.
//
// Neither kind may be woken after the waker has let go of the channel's lock: the sleeper takes
// that lock before it looks and leaves, and then this parker, the fiber and its scheduler may be
// gone.
class thread_or_fiber_parker {
public:
    explicit thread_or_fiber_parker(time_point deadline)
        : deadline_(deadline),
          sleep_(plain_thread ? &thread_sleep::mine() : nullptr),
          fiber_(plain_thread ? nullptr : boost::fibers::context::active()) {
        if (fiber_ == nullptr) return;
        waker_ = fiber_->create_waker();
        if (deadline_ != for_ever) still_running_.lock();
    }
    thread_or_fiber_parker(const thread_or_fiber_parker&) = delete;
    thread_or_fiber_parker& operator=(const thread_or_fiber_parker&) = delete;

    bool wake() { return fiber_ != nullptr ? wake_fiber() : wake_thread(); }
    void park() { fiber_ != nullptr ? park_fiber() : park_thread(); }

private:
    // A deadline of a thread wins nothing: it looks under the channels' locks whether anybody has.
    bool wake_thread() {
        {
            const std::lock_guard locked(sleep_->mutex);
            if (won_) return false;
            won_ = true;
        }
        sleep_->awake.notify_one();
        return true;
    }
    void park_thread() {
        // Often all that the other one needs is the processor: to offer it costs far less than to
        // fall asleep and to be woken.
        std::this_thread::yield();
        std::unique_lock locked(sleep_->mutex);
        const auto is_won = [this] { return won_; };
        if (deadline_ == for_ever)
            sleep_->awake.wait(locked, is_won);
        else
            sleep_->awake.wait_until(locked, deadline_, is_won);
    }

    // A fiber's waker is a number that its next waker outdates, and that wake() exchanges
    // atomically: the first of several wins.  A deadline is one of them.  (On a plain thread,
    // Boost.Fiber first makes a scheduler that is never used: some microseconds, once.)
    //
    // A fiber may be woken as soon as its cases are public, and yet it runs until it has switched
    // away.  It cannot be resumed in between.  No fiber of this thread runs before the switch; and
    // another thread only leaves it in the list of those whom this thread's dispatcher is to
    // resume, and that is a fiber of this thread, too.  So nothing need be held across the switch:
    // it would cost a tenth of a hand-over.  With a deadline it is held all the same, because
    // Boost.Fiber demands, and asserts, that who begins a timed wait has not been woken; the switch
    // itself releases it.
    bool wake_fiber() {
        if (deadline_ == for_ever) return waker_.wake();
        const std::lock_guard until_it_has_switched_away(still_running_);
        return waker_.wake();
    }
    void park_fiber() {
        if (deadline_ == for_ever) {
            fiber_->suspend();
        } else {
            boost::fibers::detail::spinlock_lock locked(still_running_, std::adopt_lock);
            fiber_->wait_until(deadline_, locked, boost::fibers::waker(waker_));
        }
    }

    const time_point deadline_;
    thread_sleep* const sleep_;            // of a thread
    boost::fibers::context* const fiber_;  // or this
    bool won_ = false;                     // the thread; under the mutex of its sleep
    boost::fibers::waker waker_;
    boost::fibers::detail::spinlock still_running_;
};

// One of 0 .. n-1, from a generator of this thread's own (SplitMix64: Steele, Lea and Flood, "Fast
// splittable pseudorandom number generators", 2014; the product takes the place of a division, and
// favours nobody by more than n in 2^32).  Fibers share their thread's and do not move to another,
// so the compiler may keep its address across a switch.
inline std::size_t random_choice(std::size_t n) noexcept {
    static constinit thread_local std::uint64_t state = 0;
    state += 0x9e3779b97f4a7c15;
    std::uint64_t z = state ^ reinterpret_cast<std::uintptr_t>(&state);  // differs between threads
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return static_cast<std::size_t>(((z >> 32) * n) >> 32);
}

// A policy's hooks, all of which do nothing: it hides those that it wants to hear.
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

// What the seam asks of a policy, as far as the compiler can check it.
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

// The policy of `channel`: threads and fibers, no names, nothing told.
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

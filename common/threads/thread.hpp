// A thread with a name.
#pragma once
#include <pthread.h>

#include <functional>
#include <thread>
#include <type_traits>
#include <utility>

#include "common/app/tasks.hpp"
#include "common/channel/parking.hpp"

namespace rendezvous::threads {

// A std::thread: a program whose thread is not joined terminates.  The name, of at most 15
// characters, is what ps -L, top -H and gdb show.  Throws start_error if the kernel refuses.
class thread {
public:
    thread() = default;

    template <class F, class... Args>
    explicit thread(const char* name, F f, Args... args)
        : thread_(start_task(name, [&] {
              return std::thread([name, f = std::move(f), ... args = std::move(args)]() mutable {
                  const task_name entry(name);
                  ::pthread_setname_np(::pthread_self(), name);
                  plain_thread = true;  // a wait for a channel blocks the whole thread
                  std::invoke(std::move(f), std::move(args)...);
              });
          })) {}

    bool joinable() const { return thread_.joinable(); }
    void join() { thread_.join(); }

private:
    std::thread thread_;
};

}  // namespace rendezvous::threads

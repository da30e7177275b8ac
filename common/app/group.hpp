// A group of routines (threads or fibers), one for each client.
#pragma once
#include <cstdio>
#include <exception>
#include <list>
#include <mutex>
#include <utility>

#include "common/net/connection.hpp"

namespace rendezvous {

// Started here, joined here.  A client that ends is let go of while the others go on: whoever ends
// joins the one that ended before, so that at most one ended routine waits to be joined.
template <class Routine>
class basic_group {
public:
    basic_group() = default;
    ~basic_group() { join(); }
    basic_group(const basic_group&) = delete;
    basic_group& operator=(const basic_group&) = delete;

    // Runs `handle(conn)` in a routine of its own.  Where none can be had (no memory, no threads),
    // it costs this one client, whose connection is closed, and a line on standard error.  The same
    // holds for an exception that leaves `handle`.
    template <class Handle>
    void spawn(const char* name, Handle handle, connection conn) {
        const auto who = conn.peer_name();
        std::lock_guard lock(mutex_);  // the new one may be at its end before we have its handle
        const auto member = members_.emplace(members_.end());
        try {
            *member = Routine(name, [this, member, name, handle, conn = std::move(conn)]() mutable {
                run(name, handle, std::move(conn));
                leave(member);
            });
        } catch (const std::exception& error) {
            members_.erase(member);
            std::fprintf(stderr, "cannot start %s for %s: %s\n", name, who.c_str(), error.what());
        }
    }

    // Waits for all of them.
    void join() {
        {
            std::lock_guard lock(mutex_);
            joining_ = true;  // from here on nobody but us touches the list
        }
        for (auto& member : members_) member.join();
        if (last_to_leave_.joinable()) last_to_leave_.join();
        members_.clear();
        joining_ = false;
    }

private:
    using members = std::list<Routine>;

    template <class Handle>
    static void run(const char* name, Handle& handle, connection conn) {
        const auto who = conn.peer_name();
        try {
            handle(std::move(conn));
        } catch (const std::exception& error) {
            std::fprintf(stderr, "%s of %s: %s\n", name, who.c_str(), error.what());
        }
    }

    void leave(typename members::iterator member) {
        Routine previous;
        {
            std::lock_guard lock(mutex_);
            if (joining_) return;
            previous = std::exchange(last_to_leave_, std::move(*member));
            members_.erase(member);
        }
        if (previous.joinable()) previous.join();
    }

    std::mutex mutex_;  // held for moments, never across a switch of fibers
    members members_;
    Routine last_to_leave_;
    bool joining_ = false;
};

}  // namespace rendezvous

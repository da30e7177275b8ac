// A group of routines (threads or fibers), one for each client.
#pragma once
#include <cstdio>
#include <exception>
#include <list>
#include <mutex>
#include <new>
#include <string>
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
    // it costs this one client, who is told so in a line of text, and a line on standard error.  An
    // exception that leaves `handle` costs that client and such a line, too.
    template <class Handle>
    void spawn(const char* name, Handle handle, connection conn) {
        std::lock_guard lock(mutex_);  // the new one may be at its end before we have its handle
        const auto self = members_.insert(members_.end(), {std::move(conn), {}});
        try {
            self->routine = Routine(name, [this, self, name, handle]() mutable {
                run(name, handle, std::move(self->conn));
                leave(self);
            });
        } catch (const std::exception& error) {
            refuse(self->conn, std::string("cannot start ") + name + ": " + reason(error));
            members_.erase(self);
        }
    }

    // Waits for all of them.
    void join() {
        {
            std::lock_guard lock(mutex_);
            joining_ = true;  // from here on nobody but us touches the list
        }
        for (auto& one : members_) one.routine.join();
        if (last_to_leave_.joinable()) last_to_leave_.join();
        members_.clear();
        joining_ = false;
    }

private:
    struct member {
        connection conn;  // until the routine takes it
        Routine routine;
    };
    using members = std::list<member>;

    static std::string reason(const std::exception& error) {
        if (dynamic_cast<const std::bad_alloc*>(&error)) return "Cannot allocate memory";
        return error.what();
    }

    // Waits for nothing: one line fits into what the system keeps for a new connection.
    static void refuse(connection& conn, const std::string& why) {
        std::fprintf(stderr, "%s (for %s)\n", why.c_str(), conn.peer_name().c_str());
        error_code ec;
        conn.non_blocking(true, ec);
        conn.write_some(asio::buffer(why + '\n'), ec);
    }

    template <class Handle>
    static void run(const char* name, Handle& handle, connection conn) {
        const auto who = conn.peer_name();
        try {
            handle(std::move(conn));
        } catch (const std::exception& error) {
            std::fprintf(stderr, "%s of %s: %s\n", name, who.c_str(), error.what());
        }
    }

    void leave(typename members::iterator self) {
        Routine previous;
        {
            std::lock_guard lock(mutex_);
            if (joining_) return;
            previous = std::exchange(last_to_leave_, std::move(self->routine));
            members_.erase(self);
        }
        if (previous.joinable()) previous.join();
    }

    std::mutex mutex_;  // held for moments, never across a switch of fibers
    members members_;
    Routine last_to_leave_;
    bool joining_ = false;
};

}  // namespace rendezvous

// A group of tasks (threads or fibers), one for each client.
#pragma once
#include <array>
#include <boost/asio/buffer.hpp>
#include <cstdio>
#include <cstring>
#include <exception>
#include <list>
#include <mutex>
#include <new>
#include <string>
#include <utility>

#include "common/net/connection.hpp"

namespace rendezvous {

// Started here, joined here.  A client that ends is let go of while the others go on: whoever ends
// joins the one that ended before, so that at most one ended task waits to be joined.
template <class Task>
class basic_group {
public:
    basic_group() = default;
    ~basic_group() { join(); }
    basic_group(const basic_group&) = delete;
    basic_group& operator=(const basic_group&) = delete;

    // Runs `handle(conn)` in a task of its own.  Where none can be had (no memory, no threads),
    // it costs this one client, who is told so in a line of text, and a line on standard error.  An
    // exception that leaves `handle` costs that client and such a line, too.
    template <class Handle>
    void spawn(const char* name, Handle handle, connection conn) {
        std::lock_guard lock(mutex_);  // the new one may be at its end before we have its handle
        auto self = members_.end();
        try {
            self = members_.emplace(self, conn);
            self->task = Task(name, [this, self, name, handle]() mutable {
                run(name, handle, std::move(self->conn));
                leave(self);
            });
        } catch (const std::exception& error) {
            refuse(self == members_.end() ? conn : self->conn, name, reason(error));
            members_.erase(self, members_.end());  // if it came so far
        }
    }

    // Waits for all of them.
    void join() {
        {
            std::lock_guard lock(mutex_);
            joining_ = true;  // from here on nobody but us touches the list
        }
        for (auto& one : members_) one.task.join();
        if (last_to_leave_.joinable()) last_to_leave_.join();
        members_.clear();
        joining_ = false;
    }

private:
    struct member {
        explicit member(connection& c) : conn(std::move(c)) {}

        connection conn;  // until the task takes it
        Task task;
    };
    using members = std::list<member>;

    static const char* reason(const std::exception& error) {
        if (dynamic_cast<const std::bad_alloc*>(&error)) return "Cannot allocate memory";
        return error.what();
    }

    // Allocates nothing, for there may be nothing left, and waits for nothing: one line fits into
    // what the system keeps for a new connection.
    static void refuse(connection& conn, const char* name, const char* why) {
        std::fprintf(stderr, "cannot start %s: %s (for %s)\n", name, why, conn.peer_name().c_str());
        std::array<char, 256> line;
        std::snprintf(line.data(), line.size(), "cannot start %s: %s\n", name, why);
        error_code ec;
        conn.non_blocking(true, ec);
        conn.write_some(asio::buffer(line, std::strlen(line.data())), ec);
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
        Task previous;
        {
            std::lock_guard lock(mutex_);
            if (joining_) return;
            previous = std::exchange(last_to_leave_, std::move(self->task));
            members_.erase(self);
        }
        if (previous.joinable()) previous.join();
    }

    std::mutex mutex_;  // held for moments, never across a switch of fibers
    members members_;
    Task last_to_leave_;
    bool joining_ = false;
};

}  // namespace rendezvous

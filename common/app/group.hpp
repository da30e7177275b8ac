// A group of tasks (threads or fibers), one for each client.
#pragma once
#include <array>
#include <boost/asio/buffer.hpp>
#include <cstdio>
#include <cstring>
#include <exception>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "common/app/tasks.hpp"
#include "common/net/connection.hpp"

namespace rendezvous {

// Starts tasks and joins them.  A client that leaves is released while the others go on: each task
// that ends joins the one that ended before it, so at most one ended task is ever waiting to be
// joined.
template <class Task>
class basic_group {
public:
    basic_group() = default;
    ~basic_group() { join(); }
    basic_group(const basic_group&) = delete;
    basic_group& operator=(const basic_group&) = delete;

    // Runs `handle(conn)` in a task of its own.  If that task cannot be started, or one that
    // `handle` starts, this one client is refused: it is told why in a line of text, and standard
    // error says so, too.  Any other exception that leaves `handle` also ends that client only, and
    // is reported on standard error.
    template <class Handle>
    void spawn(const char* name, Handle handle, connection conn) {
        std::lock_guard lock(mutex_);  // the new task may end before we have its handle
        auto self = members_.end();
        try {
            self = start_task(name, [&] { return members_.emplace(members_.end(), conn); });
            self->task = Task(name, [this, self, name, handle]() mutable {
                run(name, handle, std::move(self->conn));
                leave(self);
            });
        } catch (const start_error& error) {
            auto& refused = self == members_.end() ? conn : self->conn;
            std::fprintf(stderr, "%s (for %s)\n", error.what(), refused.peer_name().c_str());
            refuse(refused, error);
            if (self != members_.end()) members_.erase(self);
        }
    }

    // Waits for all of them.
    void join() {
        {
            std::lock_guard lock(mutex_);
            joining_ = true;  // from here on only we touch the list
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

    // Allocates nothing, because there may be nothing left, and does not wait: one line fits into
    // what the kernel buffers for a new connection.
    static void refuse(connection& conn, const start_error& why) {
        const auto* const text = why.what();
        const std::array line{asio::buffer(text, std::strlen(text)), asio::buffer("\n", 1)};
        error_code ec;
        conn.non_blocking(true, ec);
        conn.write_some(line, ec);
        // If the client has written already, closing without reading would be a reset, which could
        // destroy the line before the client has read it.
        std::array<char, 1024> unread;
        conn.read_some(asio::buffer(unread), ec);
    }

    template <class Handle>
    static void run(const char* name, Handle& handle, connection conn) {
        std::string client;
        std::optional<connection> rescued;
        try {
            client = conn.peer_name();
            conn.rescue_to(rescued);
            handle(std::move(conn));
        } catch (const start_error& error) {
            std::fprintf(stderr, "%s (for %s)\n", error.what(), client.c_str());
            if (rescued) refuse(*rescued, error);
        } catch (const std::exception& error) {
            std::fprintf(stderr, "%s of %s: %s\n", name, client.c_str(), error.what());
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

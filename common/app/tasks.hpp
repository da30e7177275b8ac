// What runs here: starting tasks, be they threads or fibers, and the list of their names.
#pragma once
#include <array>
#include <exception>
#include <string>

namespace rendezvous {

// A task is on the list from the construction of this object to its destruction.  Threads and
// fibers make one when they start (`fiber writer("client_writer", ...)`), so each has a name.
class task_name {
public:
    explicit task_name(const char* name);  // the name outlives the object: a literal
    ~task_name();
    task_name(const task_name&) = delete;
    task_name& operator=(const task_name&) = delete;

private:
    const char* name_;
};

// "6 fibers: 1 broadcaster, 2 client_writer, 2 handle_client, 1 main", where `kind` is "fibers".
// What a server prints when it gets SIGQUIT (Ctrl-\ on a terminal), as a Go program or a JVM does.
std::string list_tasks(const std::string& kind);

// A task that could not be started: "cannot start broadcaster: Resource temporarily unavailable".
// Holds its text itself, because memory may be what is missing.
class start_error : public std::exception {
public:
    start_error(const char* name, const std::exception& why) noexcept;
    const char* what() const noexcept override { return text_.data(); }

private:
    std::array<char, 256> text_;
};

// Returns what `start` returns; throws start_error if it throws.
template <class Start>
auto start_task(const char* name, Start start) {
    try {
        return start();
    } catch (const std::exception& why) {
        throw start_error(name, why);
    }
}

}  // namespace rendezvous

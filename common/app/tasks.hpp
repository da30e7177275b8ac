// Who runs here: the names of all tasks, be they threads or fibers.
#pragma once
#include <string>

namespace rendezvous {

// A task is on the list from the making of this object to its end.  Threads and fibers make one
// when they start (`fiber writer("client_writer", ...)`), so nobody runs without a name.
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

}  // namespace rendezvous

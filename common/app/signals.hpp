// Ctrl-C and its relatives, as something that a program can wait for.
#pragma once
#include <atomic>

namespace rendezvous {

// SIGINT (Ctrl-C) and SIGTERM ask the program to shut down; a second one ends it at once, with exit
// status 1.  SIGQUIT (Ctrl-\ on a terminal) asks for the list of tasks.  A signal handler may do
// next to nothing, so ours writes a byte into a pipe (the "self-pipe trick" of D. J. Bernstein),
// and whatever reads `descriptor()` does the rest outside the handler.  Each object has a pipe of
// its own, and every one of them gets every request.
//
// What was ignored when the program started stays ignored, except SIGTERM: a shell without job
// control starts a background command (`server &` in a script) that way, so that the Ctrl-C meant
// for the foreground does not reach it.
class signals {
public:
    enum request : char { stop = 's', list = 'l', none = 'n' };

    signals();  // throws std::system_error
    ~signals();
    signals(const signals&) = delete;
    signals& operator=(const signals&) = delete;

    int descriptor() const { return read_end_; }  // each byte that comes is a request
    void wake();                                  // sends a `none`, to end a wait for requests

private:
    int read_end_;
    std::atomic<int>* write_end_;  // where the signal handler finds it
};

}  // namespace rendezvous

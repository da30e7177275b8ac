// Ctrl-C and its relatives, as something that one can wait for.
#pragma once

namespace rendezvous {

// SIGINT and SIGTERM ask the program to end; a second one ends it at once, with exit status 1.
// SIGQUIT (Ctrl-\ on a terminal) asks who runs here.  A signal handler may do next to nothing, so
// ours writes a byte into a pipe (the "self-pipe trick" of D. J. Bernstein), and whoever reads
// `descriptor()` does the rest in peace.  One object a process.
class signals {
public:
    enum request : char { stop = 's', list = 'l', none = 'n' };

    signals();  // throws std::system_error
    ~signals();
    signals(const signals&) = delete;
    signals& operator=(const signals&) = delete;

    int descriptor() const { return read_end_; }  // each byte that comes is a request
    void wake();                                  // sends a `none`, to end somebody's wait

private:
    int read_end_;
};

}  // namespace rendezvous

// Many clients in one loop: a thousand sockets that connect, send, receive and leave at once.
#pragma once
#include <deque>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/harness/client.hpp"

namespace rendezvous::harness {

class crowd {
public:
    struct member {
        std::size_t number = 0;  // 0, 1, 2 ... in the order in which they were added
        std::string who;         // its address, once it is connected
        bool connected = false;
        bool ended = false;  // the server has closed the connection, or reset it
        bool was_reset = false;
        bool reads = true;               // false: a client that does not read
        std::size_t received = 0;        // lines
        std::vector<std::string> lines;  // the lines themselves, if the crowd keeps them
        std::size_t unsent() const { return outgoing.size() - sent; }

    private:
        friend class crowd;
        descriptor socket;
        std::string incoming, outgoing;
        std::size_t sent = 0;    // bytes of outgoing
        bool finishing = false;  // half-closes when all is sent
        bool wants_out = true;   // as epoll has been told
        bool wants_in = true;
    };
    enum keeps { all_lines, no_lines };

    crowd(conversation&, address server, keeps = all_lines);
    ~crowd();
    crowd(const crowd&) = delete;

    member& add(client_options = {});  // begins to connect
    std::deque<member>& members() { return members_; }

    void send_line(member&, std::string_view line);
    void send(member&, std::string_view bytes);
    void half_close(member&);  // when everything is sent
    void reset(member&);       // at once
    void close(member&);
    void set_reading(member&, bool);

    // Reads at these intervals what has come meanwhile, instead of every line as it comes: in a
    // large crowd the judge otherwise needs as much processor time as the server.
    void read_every(milliseconds pause) { pause_ = pause; }

    // Called for each line as it comes.
    std::function<void(member&, std::string_view line)> on_line;

    // Lets all members send and receive until the condition holds.  If it never does, the test
    // fails and says that `what` did not happen.
    void until(const std::string& what, const std::function<bool()>& holds,
               milliseconds span = 30s);
    // The same, but returns false instead of failing.
    bool try_until(const std::function<bool()>& holds, milliseconds span,
                   milliseconds idle = 1000ms);

private:
    void turn(int timeout);
    void receive(member&);
    void flush(member&);
    void watch(member&);

    conversation* talk_;
    address server_;
    keeps keeps_;
    descriptor epoll_;
    std::deque<member> members_;
    milliseconds pause_{0};
    std::size_t events_ = 0;
    std::string why_, refused_;
    bool timed_out_ = false;  // as patience_for says
};

}  // namespace rendezvous::harness

// A room in which all clients talk.  Each client keeps a few lines in flight and sends the next one
// when one of its own has come back.  The room keeps every line that any client receives, so that
// tests can compare them.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "tests/contracts/contract.hpp"

namespace rendezvous::contracts {

class busy_room {
public:
    using member = crowd::member;
    // How a client leaves when all its lines have come back; `by_reset` resets the connection while
    // a few more lines are in flight.
    enum class farewell { none, half_close, by_reset };

    busy_room(conversation&, const address&, crowd::keeps = crowd::all_lines);

    // Adds a client that sends this many lines, `at_once` of them in flight at a time.
    member& add(int lines, farewell = farewell::none, int at_once = 4, std::size_t padding = 0);
    member& add_silent();                   // sends nothing
    member& add_sloth(int receive_buffer);  // the slow reader: the test tells it to stop reading

    // Every client that has lines to send has sent them and received them back, or has left.
    bool all_said() const { return finished_ == talkers_; }
    int heard_own(const member& one) const { return speakers_[one.number].heard; }
    int said(const member& one) const { return speakers_[one.number].said; }
    // The lines of this member: `12.0`, `12.1` ... for the thirteenth client.
    std::string text(const member&, int line) const;
    std::string line(const member& one, int number) const {
        return one.who + ": " + text(one, number);
    }

    // Sends a line of this member, and waits until it comes back: by then the member has received
    // all that was sent to it before, also by a server that has a queue for each client.  The room
    // must keep the lines.
    void catch_up(member&);

    // Shows addresses as `client 12`, whose lines are `12.0`, `12.1` ...
    void introduce();

    // The clients send nothing more; what is in flight still arrives.
    void hush();

    crowd& all() { return crowd_; }
    std::deque<member>& members() { return crowd_.members(); }
    const std::vector<int>& gone() const { return gone_; }

    // Called when a client has left after its last line.
    std::function<void(member&)> on_leaving;

private:
    struct speech {
        int lines = 0, at_once = 0, said = 0, heard = 0;
        farewell how = farewell::none;
        std::string padding;
        bool finished = false;
    };
    void hear(member&, std::string_view line);
    void go_on(member&);
    void finish(member&);

    conversation* talk_;
    crowd crowd_;
    std::vector<speech> speakers_;
    std::vector<int> gone_;
    int talkers_ = 0, finished_ = 0;
};

// Both compare what every client received with what the witness received, a client that was
// connected all the time.  They return a sentence that says what is wrong, or an empty string.
std::string find_disorder(busy_room&, const crowd::member& witness);
std::string find_loss_or_double(busy_room&, const crowd::member& witness);

}  // namespace rendezvous::contracts

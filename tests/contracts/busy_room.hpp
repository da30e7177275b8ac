// A room in which everybody talks: each keeps a few lines under way and says the next when it has
// heard one of its own.  All that everybody receives is kept, to be compared.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "tests/contracts/contract.hpp"

namespace rendezvous::contracts {

class busy_room {
public:
    using member = crowd::member;
    // How somebody leaves who has said all its lines; `by_reset` goes in the middle of more of
    // them.
    enum class farewell { none, half_close, by_reset };

    busy_room(conversation&, const address&, crowd::keeps = crowd::all_lines);

    // Comes in and says so many lines, `at_once` of them under way at a time.
    member& add(int lines, farewell = farewell::none, int at_once = 4, std::size_t padding = 0);
    member& add_silent();                   // only listens
    member& add_sloth(int receive_buffer);  // is to be told not to

    // All who were to say something have said it and heard it, or are gone.
    bool all_said() const { return finished_ == talkers_; }
    int heard_own(const member& one) const { return speakers_[one.number].heard; }
    int said(const member& one) const { return speakers_[one.number].said; }
    // The lines of this member: `12.0`, `12.1` ... for the thirteenth that came in.
    std::string text(const member&, int line) const;
    std::string line(const member& one, int number) const {
        return one.who + ": " + text(one, number);
    }

    // Shows addresses as `client 12`, whose lines are `12.0`, `12.1` ...
    void introduce();

    // Everybody falls silent after what is under way.
    void hush();

    crowd& all() { return crowd_; }
    std::deque<member>& members() { return crowd_.members(); }
    const std::vector<int>& gone() const { return gone_; }

    // Called when a talker that leaves has left.
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

// What every receiver saw, set against what one saw who was there all the time (`witness`).  Each
// returns a sentence that says what is wrong, or nothing.
std::string find_disorder(busy_room&, const crowd::member& witness);
std::string find_loss_or_double(busy_room&, const crowd::member& witness);

}  // namespace rendezvous::contracts

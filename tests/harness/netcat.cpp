#include "tests/harness/netcat.hpp"

#include <signal.h>

namespace rendezvous::harness {

bool netcat::available() {
    try {
        run({.argv = {"nc", "-h"}}, 5s);
        return true;
    } catch (const setup_error&) {
        return false;
    }
}

netcat::netcat(conversation& talk, const std::string& name, const address& to)
    : talk_(&talk),
      program_({.argv = {"nc", to.host, std::to_string(to.port)}, .keyboard = true}),
      window_(talk, name, program_.take_output(), program_.take_input()) {
    talk.does(name, "$ nc " + to.host + " " + std::to_string(to.port));
}

void netcat::interrupt() {
    talk_->does(window_.name(), "^C");
    program_.signal(SIGINT);
}

}  // namespace rendezvous::harness

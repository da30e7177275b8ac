// The real netcat, as a user at a terminal runs it.
#pragma once
#include <string>

#include "tests/harness/client.hpp"
#include "tests/harness/process.hpp"

namespace rendezvous::harness {

class netcat {
public:
    static bool available();

    netcat(conversation&, const std::string& name, const address&);

    client& window() { return window_; }  // sends what the user types, receives what netcat prints
    void interrupt();                     // Ctrl-C
    const process& program() const { return program_; }

private:
    conversation* talk_;
    process program_;
    client window_;
};

}  // namespace rendezvous::harness

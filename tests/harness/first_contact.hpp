// Before the tests: does the server start, and does it serve a client?  If not, every test would
// fail for the same reason, so the harness reports the reason once, on one screen, and stops.
#pragma once
#include <optional>
#include <string>

#include "tests/harness/settings.hpp"

namespace rendezvous::harness {

struct failed_contact {
    std::string report;  // 24 lines at most
    int status;          // to exit with: see exit_status
};

// Starts the server, and lets one client connect, be greeted, send a line and receive it.
std::optional<failed_contact> first_contact(const settings&);

// Whether this filter of GoogleTest's selects one test by its name: CTest runs them like that, and
// then the test itself says what is wrong.
bool names_one_test(const std::string& filter);

}  // namespace rendezvous::harness

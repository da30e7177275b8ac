#include "tests/contracts/contract.hpp"

namespace rendezvous::contracts {

void shutdown_test::expect_exit(int signal, milliseconds within) {
    talk.told_to_end();
    const auto status = server().await_end(within);
    if (!status)
        talk.fail("The server has not ended " +
                  seconds(std::chrono::duration<double>(deadline(within).span()).count()) +
                  " after " + name_of(signal) + ".");
    talk.look_first_at(what_an_end_is);
    if (!exited_with(*status, 0))
        talk.fail("The server must end with exit status 0 after " + name_of(signal) +
                  ", and it ended with: " + describe_status(*status) + ".");
    const auto complaint = sanitizer_complaint(server().program().err());
    if (!complaint.empty()) talk.fail("A sanitizer complains: " + complaint);
    take_server();
}

}  // namespace rendezvous::contracts

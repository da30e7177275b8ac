#include "tests/contracts/contract.hpp"

namespace rendezvous::contracts {

void shutdown_test::expect_exit(int signal, milliseconds within) {
    talk.told_to_end();
    const auto status = server().await_end(within);
    if (!status) fail_to_end(within, name_of(signal));
    expect_clean_end(*status, name_of(signal));
    take_server();
}

}  // namespace rendezvous::contracts

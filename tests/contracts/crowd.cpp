// A crowd of clients arrives and is served; some leave, and the rest see the server shut down.
#include "tests/contracts/contract.hpp"

namespace rendezvous::contracts {
namespace {

class Crowd : public shutdown_test {};

TEST_F(Crowd, EveryClientIsServedAndSeesTheServerExit) {
    if (!serves_many()) GTEST_SKIP() << "this stage serves one client at a time";
    const auto stay = static_cast<std::size_t>(crowd_size()), leave = stay / 4, all = stay + leave;
    const auto within = 100s;  // if the server stays busy; the test gives up on an idle one sooner
    start({.descriptors = all + 1000});
    must_end_within = 10s;
    auto& program = server().program();
    const auto descriptors = program.descriptors();

    crowd clients(talk, server().where(), crowd::no_lines);
    clients.read_every(milliseconds(all / 4));
    // In a large room, a line of each client would be millions of lines: there only every fifth
    // client says one, and the others are served when they are greeted.
    const std::size_t talks = is_echo() || all < 500 ? 1 : 5;
    std::size_t served = 0;
    clients.on_line = [&](crowd::member& one, std::string_view line) {
        if (one.number % talks ? line == "You are " + one.who
                               : line == (is_echo() ? "Hello!" : one.who + ": Hello!"))
            ++served;
    };
    for (std::size_t i = 0; i < all; ++i) clients.add();
    for (auto& one : clients.members())
        if (one.number % talks == 0) clients.send_line(one, "Hello!");
    clients.until(
        "each of " + std::to_string(all) + " clients is greeted, or receives its own line",
        [&] { return served >= all; }, within);

    // A fifth of them leave at once, every second one by a reset.
    const auto begin = clients.members().begin(), end = begin + static_cast<std::ptrdiff_t>(leave);
    std::for_each(begin, end, [&](auto& one) {
        one.number % 2 ? clients.reset(one) : clients.half_close(one);
    });
    clients.until(
        "each client that half-closed sees the end of its connection",
        [&] { return std::all_of(begin, end, [](auto& one) { return one.ended; }); }, within);
    if (!comes_to([&] { return program.descriptors() <= descriptors + stay; }))
        talk.fail("The server had " + counted(descriptors, "descriptor") + " open before " +
                  std::to_string(all) + " clients came, and " +
                  std::to_string(program.descriptors()) + " after all but " + std::to_string(stay) +
                  " of them had left.");
    expect_service();

    if (is_foreign()) {  // it promises nothing about shutting down, so the other clients leave too
        for (auto& one : clients.members()) clients.half_close(one);
        clients.until(
            "every client sees the end of its connection", [&] { return all_have_ended(clients); },
            within);
        expect_service();
    } else {
        clients.try_until([] { return false; }, within);  // until the server has sent everything
        program.signal(SIGTERM);
        clients.until(
            "every client sees the end of its connection", [&] { return all_have_ended(clients); },
            10s);
        expect_exit(SIGTERM, 10s);
    }
    if (served != all)
        talk.fail("Each of " + std::to_string(all) +
                  " clients was to be greeted, or to receive its own line, once; " +
                  std::to_string(served) + " such lines came.");
    for (auto& one : clients.members())
        if (one.was_reset) talk.fail("A client was reset: " + one.who);
}

}  // namespace
}  // namespace rendezvous::contracts

// A thousand clients come, are each served, and go.
#include "tests/contracts/contract.hpp"

namespace rendezvous::contracts {
namespace {

class Crowd : public server_test {};

TEST_F(Crowd, ThousandClientsComeAreServedAndGo) {
    if (!serves_many()) GTEST_SKIP() << "this stage serves one client at a time";
    const int many = crowd_size();
    const auto within = 100s;  // if it is busy all the while; who is idle is not waited for
    start({.descriptors = 2 * static_cast<std::uint64_t>(many) + 1000});
    must_end_within = 10s;
    auto& program = server().program();
    const auto descriptors = program.descriptors();

    crowd all(talk, server().where(), crowd::no_lines);
    int served = 0;
    all.on_line = [&](crowd::member& one, std::string_view line) {
        if (line == (is_echo() ? "Hello!" : one.who + ": Hello!")) ++served;
    };
    for (int i = 0; i < many; ++i) all.add();
    for (auto& one : all.members()) all.send_line(one, "Hello!");
    all.until(
        "each of " + std::to_string(many) + " clients hears what it said",
        [&] { return served >= many; }, within);
    // All go at once, every second one without a word of farewell.
    for (auto& one : all.members()) one.number % 2 ? all.reset(one) : all.half_close(one);
    all.until(
        "each of those that said goodbye sees the end", [&] { return all_have_ended(all); },
        within);
    if (served != many)
        talk.fail("Each of " + std::to_string(many) + " clients said one line, and " +
                  std::to_string(served) + " came back to those who had said them.");
    for (auto& one : all.members())
        if (one.was_reset) talk.fail("A client was reset: " + one.who);
    if (!comes_to([&] { return program.descriptors() <= descriptors; }))
        talk.fail("The server had " + counted(descriptors, "descriptor") +
                  " open before they came, and " + std::to_string(program.descriptors()) +
                  " after they had gone.");
    expect_service();
}

}  // namespace
}  // namespace rendezvous::contracts

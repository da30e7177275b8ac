// Many clients at once: the server serves each of them while all of them stay connected.
#include "tests/contracts/contract.hpp"
#include "tests/harness/sanitizers.hpp"

namespace rendezvous::contracts {
namespace {

class ManyClients : public server_test {
protected:
    static constexpr int many = 200;

    observation two_hundred_at_once() {
        crowd all(talk, server().where(), crowd::no_lines);
        std::vector<int> heard(many);
        all.on_line = [&](crowd::member& one, std::string_view line) {
            auto own = is_echo() ? "I am " : one.who + ": I am ";
            if (line == own + std::to_string(one.number)) ++heard[one.number];
        };
        for (int i = 0; i < many; ++i) all.add();
        // The last client sends first, so a server that serves clients in turn fails.
        for (int round = 1; round <= 2; ++round) {
            for (auto one = all.members().rbegin(); one != all.members().rend(); ++one)
                all.send_line(*one, "I am " + std::to_string(one->number));
            bool served = all.try_until(
                [&] {
                    return std::all_of(heard.begin(), heard.end(),
                                       [&](int n) { return n >= round; });
                },
                60s);
            if (!served) {
                auto n = static_cast<std::size_t>(std::count(heard.begin(), heard.end(), round));
                return {observation::otherwise, "of 200 clients that are connected at once, " +
                                                    std::to_string(n) +
                                                    (n == 1 ? " is served." : " are served.")};
            }
        }
        for (auto& one : all.members())
            if (one.ended) talk.fail("The server disconnected one of 200 connected clients.");
        return {observation::holds, "each of 200 clients was served while all were connected."};
    }

    // The kernel connects the second client, which then waits, however often the server serves the
    // first.  Its turn comes when the first has left.
    observation second_waits_in_silence() {
        auto& alice = connect("alice");
        alice.send_line("Hello!");
        alice.expect_line("Hello!");
        auto& bob = connect("bob");
        bob.send_line("Anybody there?");
        for (int i = 0; i < 100; ++i) {
            alice.send_line("Yes.");
            alice.expect_line("Yes.");
        }
        talk.in_short("alice", "is served a hundred times and stays connected");
        talk.does("bob", "has connected, and waits");
        if (bob.try_read_line(0ms)) return {observation::otherwise, "a second client was served."};
        alice.half_close();
        alice.expect_end();
        bob.expect_line("Anybody there?");
        return {observation::missing, "the second client was not served until the first had left."};
    }

    // The address space that a client takes depends on the server: 8 MB for the stack of a thread,
    // or 64 KiB for the stack of a fiber.  So the tests of a server's tasks first measure it, with
    // fifty clients that stay connected.
    static constexpr std::size_t fifty = 50;

    // Why address space says nothing about the tasks of this server; empty if it says something.
    std::string why_not_measurable() {
        if (!serves_many()) return "this stage serves one client at a time";
        if (is_foreign()) return "the runtime of a foreign server may keep what it has mapped";
        if (memory_is_shadowed(server().program())) return "a sanitizer maps memory of its own";
        return "";
    }

    // Connects fifty clients and has each of them served; returns the address space that they take.
    std::uint64_t serve_fifty(crowd& all) {
        const auto before = server().program().address_space();
        while (all.members().size() < fifty) all.add();
        each_hears(all, "Hello!");
        return server().program().address_space() - before;
    }

    // The clients take turns: each sends a line and receives it back.  A server that is short of
    // memory may be unable to serve all of them at the same moment.
    void each_hears(crowd& all, const std::string& line) {
        for (auto& one : all.members()) {
            bool heard = false;
            all.on_line = [&](crowd::member& it, std::string_view came) {
                if (&it == &one && came == (is_echo() ? line : one.who + ": " + line)) heard = true;
            };
            all.send_line(one, line);
            all.until("each of 50 clients receives `" + line + "`", [&] { return heard; });
        }
        all.on_line = nullptr;
    }

    void half_close(crowd& all) {
        for (auto& one : all.members()) all.half_close(one);
        all.until("each of 50 clients sees the end of its connection",
                  [&] { return all_have_ended(all); });
    }

    static std::string kilobytes(std::uint64_t bytes) {
        return std::to_string(bytes / 1024) + " KiB";
    }
};

TEST_F(ManyClients, TwoHundredClientsAreServedAtOnce) {
    judge("many clients", [&] {
        if (!serves_many()) {
            auto saw = second_waits_in_silence();
            if (saw.seen == observation::missing) return saw;
        }
        return two_hundred_at_once();
    });
}

// A task that is never joined keeps its stack, and 500 of them take ten times what fifty clients
// take.  What the allocator keeps (glibc maps 64 MB for a new arena of threads) is less than half
// of that.
TEST_F(ManyClients, ServerFreesTheTasksOfClientsThatHaveLeft) {
    if (const auto why = why_not_measurable(); !why.empty()) GTEST_SKIP() << why;
    talk.look_first_at(
        "what joins the task of a client that has left while other clients are still connected.");
    auto& alice = connect("alice");
    crowd all(talk, server().where(), crowd::no_lines);
    const auto cost = serve_fifty(all);
    half_close(all);
    const auto before = server().program().address_space();
    for (int i = 0; i < 500; ++i) expect_service();
    const auto after = server().program().address_space();
    talk.start_over();  // no single event of these conversations explains a failure
    talk.in_short("550 clients", "are served and leave");
    if (after > before + 5 * cost)
        talk.fail("50 clients at once take " + kilobytes(cost) +
                  " of address space, and a server must free it when they leave.  After 500 more "
                  "clients had connected and left, one after the other, this server still held " +
                  kilobytes(after - before) + ".");
    alice.send_line("Still here?");
    alice.read_until(is_echo() ? "Still here?" : alice.who() + ": Still here?");
}

TEST_F(ManyClients, ServerRefusesAClientWhenItCannotCreateATask) {
    if (!is_echo()) GTEST_SKIP() << "a chat also needs memory for the lines of other clients";
    if (const auto why = why_not_measurable(); !why.empty()) GTEST_SKIP() << why;
    talk.look_first_at(
        "what the accepting loop does when it cannot create a task for a client: it must tell that "
        "client why, close the connection, and accept the next one.");
    crowd all(talk, server().where(), crowd::no_lines);
    const auto cost = serve_fifty(all);
    if (cost < fifty * 16'384) GTEST_SKIP() << "this server needs no stack for each client";
    auto& program = server().program();
    program.limit_address_space(program.address_space() + 3 * cost / fifty);
    const std::string refusal = "cannot start ";  // any of the tasks that a client needs
    std::vector<client*> served;
    std::size_t refused = 0;
    for (int i = 1; i <= 100 && refused < 3; ++i) {
        auto& one = connect("client " + std::to_string(i));
        one.send_line("Hello!");
        const auto line = one.read_line();
        if (line == "Hello!") {
            served.push_back(&one);
            continue;
        }
        ++refused;
        if (line.rfind(refusal, 0) != 0)
            talk.fail("A client that is refused must be told `" + refusal + "TASK: REASON`.");
        one.expect_end_or_reset();
    }
    if (refused < 3)
        talk.fail("There is address space for about three more clients, but the server served " +
                  std::to_string(served.size()) + " more.");
    if (program.line_on_err(refusal, deadline(10s)).empty())
        talk.fail("The server must say on standard error that it has refused a client.");

    // The connected clients are served as before, and each that leaves makes room for another.
    each_hears(all, "Still here.");
    for (auto* one : served) {
        one->half_close();
        one->expect_end();
    }
    half_close(all);
    const bool room = comes_to([&] {  // a client may see end of file before its task is joined
        auto& one = connect("newcomer");
        one.send_line("Hello!");
        return one.try_read_line(5s) == "Hello!";
    });
    if (!room) talk.fail("All other clients have left, and the server still refuses a newcomer.");
}

}  // namespace
}  // namespace rendezvous::contracts

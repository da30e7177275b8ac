// What clients on the internet do to a server's connections, on purpose or not.
#include <fstream>
#include <random>

#include "tests/contracts/contract.hpp"

namespace rendezvous::contracts {
namespace {

// These tests look at connections only, so they apply to servers of every kind.
class HostileClients : public server_test {
protected:
    // Waits until the server has no more descriptors open than before.
    void expect_descriptors_back(std::size_t before) {
        auto& program = server().program();
        if (!comes_to([&] { return program.descriptors() <= before; }))
            talk.fail("The server had " + counted(before, "descriptor") +
                      " open before the clients came, and has " +
                      std::to_string(program.descriptors()) + " now that all of them have left.");
    }
};

TEST_F(HostileClients, ServerSurvivesHundredsOfVanishingClients) {
    const int hundreds = is_foreign() ? 5 : 15;  // a foreign server may be slow, so it gets a third
    auto& program = server().program();
    expect_service();
    const auto before = program.descriptors();
    client* alice = serves_many() ? &(is_echo() ? connect("alice") : enter("alice")) : nullptr;
    for (int i = 0; i < hundreds; ++i) {
        std::vector<descriptor> sockets;
        for (int k = 0; k < 100; ++k) sockets.push_back(connect_to(server().where(), 0, 20s));
        for (std::size_t k = 0; k < sockets.size(); ++k)
            if (k % 2) harness::reset(sockets[k]);
        sockets.clear();
        if (!alice) continue;
        // A client that stays connected is served all the while.
        alice->send_line("Still here?");
        alice->read_until(is_echo() ? "Still here?" : alice->who() + ": Still here?");
    }
    if (alice) forget(*alice), alice->close();
    expect_descriptors_back(before);
    expect_service();
}

TEST_F(HostileClients, ServerServesClientsThatCameWhileItWasStopped) {
    constexpr int many = 300;
    auto& program = server().program();
    expect_service();
    program.signal(SIGSTOP);
    crowd all(talk, server().where(), crowd::no_lines);
    for (int i = 0; i < many; ++i) all.add();
    // In a chat one in ten talks: what all say to all would take most of the test's time.
    const auto talks = [&](auto& one) { return is_echo() || one.number % 10 == 0; };
    for (auto& one : all.members())
        if (talks(one)) all.send_line(one, "Hello!");
    // While the server is stopped, the kernel queues the connections, if the backlog is long
    // enough. The kernel's own limit may be lower.
    int longest_backlog = many;
    std::ifstream("/proc/sys/net/core/somaxconn") >> longest_backlog;
    if (!is_foreign() && longest_backlog >= many) {
        bool connected = all.try_until(
            [&] {
                return std::all_of(all.members().begin(), all.members().end(),
                                   [](auto& one) { return one.connected; });
            },
            10s, 2s);
        talk.look_first_at(
            "the backlog given to listen(): how many connections may wait until the server accepts "
            "them.");
        if (!connected)
            talk.fail(
                "300 clients must be able to connect while the server is stopped: it must listen "
                "with a long backlog.");
    }
    program.signal(SIGCONT);
    std::vector<bool> served(many);
    int missing = many;
    all.on_line = [&](crowd::member& one, std::string_view line) {
        const auto wanted = is_echo()    ? "Hello!"
                            : talks(one) ? one.who + ": Hello!"
                                         : "You are " + one.who;
        if (line != wanted || served[one.number]) return;
        served[one.number] = true;
        --missing;
        all.half_close(one);  // so that a server for one client at a time goes on to the next
    };
    // For a client that was not queued, the kernel tries again after 1, 3 and 7 seconds.  The
    // server may be idle meanwhile, so the test must not give up on an idle server.
    if (!all.try_until([&] { return missing == 0; }, 20s, 20s))
        talk.fail(counted(static_cast<std::size_t>(missing), "client") +
                  " of the 300 that connected while the server was stopped were never served.");
    all.until("all of them see the end of their connections", [&] { return all_have_ended(all); });
    expect_service();
}

TEST_F(HostileClients, ServerKeepsServingWhenItRunsOutOfDescriptors) {
    if (!serves_many()) GTEST_SKIP() << "this stage serves one client at a time";
    talk.look_first_at(
        "what the accepting loop does when accept fails: it must log the error, wait (5 ms, then "
        "twice as long each time, up to a second), and try again.");
    auto& program = server().program();
    if (built_with(program, sanitizer::undefined))
        GTEST_SKIP() << "UndefinedBehaviorSanitizer needs descriptors to inspect objects, and "
                        "reports an error if it gets none";
    auto& alice = is_echo() ? connect("alice") : enter("alice");
    if (is_echo()) {
        alice.send_line("Hello!");
        alice.expect_line("Hello!");
    }
    // Leaves descriptors for a few more clients, but not for all.
    constexpr int many = 50;
    program.limit_descriptors(program.descriptors() + 10);
    crowd all(talk, server().where(), crowd::no_lines);
    std::vector<bool> served(many);
    all.on_line = [&](crowd::member& one, std::string_view line) {
        if (line == (is_echo() ? "Hello!" : one.who + ": Hello!")) served[one.number] = true;
    };
    auto count = [&] {
        return static_cast<std::size_t>(std::count(served.begin(), served.end(), true));
    };
    for (int i = 0; i < many; ++i) all.send_line(all.add(), "Hello!");
    all.try_until([] { return false; }, 2s, 300ms);  // until the server has nothing more to do
    if (count() == many) GTEST_SKIP() << "this server serves 50 clients without 50 descriptors";

    // The server still serves alice, and does not spin.
    alice.send_line("Here I am.");
    alice.read_until(is_echo() ? "Here I am." : alice.who() + ": Here I am.");
    talk.in_short("50 clients", "connect, and the server has descriptors for only some of them");
    auto work = program.activity().processor_ns;
    auto complaints = program.err_lines();
    auto began = std::chrono::steady_clock::now();
    // On a busy machine a spinning server may use little processor time, but it is runnable
    // whenever the test samples it.
    int looks = 0, awake = 0;
    for (int i = 0; i < 5; ++i) {
        alice.send_line("Still here?");
        alice.read_until(is_echo() ? "Still here?" : alice.who() + ": Still here?");
        for (int k = 0; k < 5; ++k) {
            all.try_until([] { return false; }, 50ms, 50ms);
            ++looks;
            awake += program.activity().runnable;
        }
    }
    std::chrono::duration<double> span = std::chrono::steady_clock::now() - began;
    auto busy = static_cast<double>(program.activity().processor_ns - work) / 1e9;
    auto lines = program.err_lines() - complaints;
    if (!is_foreign()) {
        // Only our own servers promise this.  Others, the book's program among them, try again at
        // once, forever.
        if (busy > span.count() / 2 || awake > looks / 2)
            talk.fail("A server that has no descriptors left must not spin: it was runnable in " +
                      std::to_string(awake) + " of " + std::to_string(looks) +
                      " samples, and used " + seconds(busy) + " of processor time within " +
                      seconds(span.count()) + ".");
        if (lines > 50)
            talk.fail("A server that has no descriptors left must not flood its log: it wrote " +
                      counted(lines, "line") + " within " + seconds(span.count()) + ".");
    }

    // The clients that have been served leave, so that the server has descriptors for the others.
    auto all_served = [&] {
        for (auto& one : all.members())
            if (served[one.number] && !one.ended) all.close(one);
        return count() == many;
    };
    if (!all.try_until(all_served, 20s, 5s))
        talk.fail("Of 50 clients " + std::to_string(count()) +
                  " were served: the server must also serve clients that connected when it had no "
                  "descriptors left, as soon as it has some again.");
    alice.send_line("Still here?");
    alice.read_until(is_echo() ? "Still here?" : alice.who() + ": Still here?");
}

TEST_F(HostileClients, ServerFreesTheResourcesOfClientsThatHaveLeft) {
    talk.look_first_at(
        "the end of a client's task: whichever way it ends, it must release everything that was "
        "opened, started or kept for this client.");
    auto& program = server().program();
    int farewells = 0;
    auto churn = [&](int times) {
        for (int i = 0; i < times; ++i) {
            std::list<client> all;
            for (int k = 0; k < (serves_many() ? 20 : 1); ++k) {
                auto& one =
                    all.emplace_back(talk, "client " + std::to_string(k + 1), server().where());
                one.send_line("Hello!");
                one.read_until(is_echo() ? "Hello!" : one.who() + ": Hello!");
            }
            for (auto& one : all) ++farewells % 2 ? one.reset() : one.close();
            talk.start_over();
        }
        talk.in_short("clients", "connect and leave, hundreds of them");
        expect_service();
    };
    expect_service();
    auto descriptors = program.descriptors();
    churn(30);  // makes the server allocate what it allocates once and keeps (stacks, arenas)
    expect_descriptors_back(descriptors);
    auto memory = program.resident_bytes();
    auto threads = program.thread_names().size();
    churn(rounds(60));
    expect_descriptors_back(descriptors);
    if (!comes_to([&] { return program.thread_names().size() <= threads + 2; }))
        talk.fail("The server had " + counted(threads, "thread") +
                  " before 1,200 clients connected and left, and " +
                  std::to_string(program.thread_names().size()) + " afterwards.");
    if (memory_is_shadowed(program)) return;
    const auto now = program.resident_bytes(), grown = now > memory ? now - memory : 0;
    if (grown > 8'000'000)
        talk.fail("1,200 clients connected and left, and the server has grown by " +
                  std::to_string(grown / 1'000'000) + " MB.");
}

TEST_F(HostileClients, ServerSurvivesWritingToAClosedConnection) {
    // The client closes with unread bytes, so the server's next write meets a reset, and the one
    // after that a broken pipe.
    auto& program = server().program();
    expect_service();
    const auto before = program.descriptors();
    for (int i = 0; i < rounds(30); ++i) {
        talk.start_over();
        client alice(talk, "alice", server().where());
        if (!is_echo()) alice.expect_greeting();
        alice.stop_reading();
        std::string lines;
        for (int k = 0; k < 50; ++k) lines += "line " + std::to_string(k) + "\n";
        // Every second time the server is stopped until the client has gone.
        if (i % 2 == 0) program.signal(SIGSTOP);
        alice.send(lines, "line 0 ... line 49");
        i % 4 < 2 ? alice.reset() : alice.close();
        program.signal(SIGCONT);
        comes_to([&] {
            // A process that is exiting shows no descriptors shortly before its exit status is
            // available.
            auto open = program.descriptors();
            return program.status() || (open > 0 && open <= before);
        });
        if (program.status()) talk.fail_client("it wrote to alice, who had left.");
    }
    expect_service();
}

TEST_F(HostileClients, ServerSurvivesNonsenseInput) {
    std::mt19937 random(42);
    std::string noise(20'000, '\0');
    for (auto& byte : noise) byte = static_cast<char>(random());
    const std::vector<std::pair<std::string, std::string>> nonsense = {
        {"an HTTP request", "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"},
        {"a TLS hello", std::string("\x16\x03\x01\x00\xc5\x01\x00\x00\xc1\x03\x03", 11) +
                            std::string(180, '\x5a')},
        {"an SSH banner", "SSH-2.0-OpenSSH_9.2p1\r\n"},
        {"20,000 bytes of noise", noise},
        {"nothing but NUL", std::string(1000, '\0')},
        {"nothing but newlines", std::string(1000, '\n')},
        {"an end of transmission", "\x04"},
        {"telnet's interrupt", "\xff\xf4\xff\xfd\x06"},
    };
    for (const auto& [name, bytes] : nonsense)
        for (bool by_reset : {false, true}) {
            client stranger(talk, "stranger", server().where());
            stranger.send(bytes, name);
            if (by_reset) {
                stranger.reset();
            } else {
                stranger.half_close();
                stranger.expect_end_or_reset();
            }
        }
    expect_service();
}

}  // namespace
}  // namespace rendezvous::contracts

// What every server of the course does, whatever it serves: its command line, its `listening on`
// line, and how it exits.  A foreign server is tested for this only with --strict.
#include <sys/resource.h>
#include <unistd.h>

#include <optional>

#include "tests/contracts/busy_room.hpp"

namespace rendezvous::contracts {
namespace {

constexpr auto to_complain = 10s;

class CommandLine : public server_test {
protected:
    // Runs the server with these options and waits for it to exit.
    outcome run_with(const std::vector<std::string>& options, milliseconds within = to_complain) {
        auto argv = bare_command(current_settings());
        argv.insert(argv.end(), options.begin(), options.end());
        shown_ = "`" + shell_words(argv) + "`";
        try {
            return run({.argv = argv}, within);
        } catch (const setup_error& why) {
            talk.fail(why.what());
        }
    }

    void expect_refusal(const std::vector<std::string>& options, int status,
                        const std::vector<std::string>& named, milliseconds within = to_complain) {
        expect_complaint(run_with(options, within), status, named);
    }

    void expect_complaint(const outcome& end, int status, const std::vector<std::string>& named) {
        auto lines = split_lines(end.err);
        if (!exited_with(end.status, status))
            talk.fail(shown_ + " must exit with status " + std::to_string(status) +
                      ", but it ended with: " + describe_status(end.status) + ".  " +
                      what_it_said(end));
        if (lines.size() != 1 || end.err.back() != '\n')
            talk.fail(shown_ + " must report the error in one line on standard error.  " +
                      what_it_said(end));
        for (const auto& name : named)
            if (lines[0].find(name) == std::string::npos)
                talk.fail(shown_ + " must write `" + name + "` in its error message.  " +
                          what_it_said(end));
        if (!end.out.empty())
            talk.fail(shown_ + " must print nothing on standard output, but it printed: " +
                      readable(end.out, 200));
    }

    const std::string& shown() const { return shown_; }

    // Starts the server with `before` in front of its command.
    static launch started_by(std::vector<std::string> before, std::uint16_t port) {
        const auto server = bare_command(current_settings());
        before.insert(before.end(), server.begin(), server.end());
        for (const auto& word : {std::string("--host"), std::string("127.0.0.1"),
                                 std::string("--port"), std::to_string(port)})
            before.push_back(word);
        // LeakSanitizer needs a thread, and the limits set here may not allow one.
        return {.argv = before, .environment = {{"ASAN_OPTIONS", "detect_leaks=0"}}};
    }

    static bool listens_or_has_ended(const process& program, std::uint16_t port) {
        return eventually(20s, [&] {
            const auto sockets = listening_sockets();
            return program.status() || std::any_of(sockets.begin(), sockets.end(), [&](auto& one) {
                       return one.local.port == port;
                   });
        });
    }

    void expect_service_for(client& alice) {
        if (!is_echo()) alice.expect_greeting();
        alice.send_line("Hello!");
        alice.expect_line(is_echo() ? "Hello!" : alice.who() + ": Hello!");
    }

    void expect_end_of(process& program) {
        program.signal(SIGTERM);
        const auto status = program.wait(deadline(5s));
        talk.watch(nullptr);
        if (!status) talk.fail("The server has not exited 5 s after SIGTERM.");
        if (!exited_with(*status, 0))
            talk.fail("The server must exit with status 0 on SIGTERM, but it ended with: " +
                      describe_status(*status) + ".");
    }

    std::string shown_;

private:
    static std::string what_it_said(const outcome& end) {
        if (end.err.empty()) return "It wrote nothing there.";
        return "It wrote: `" +
               readable(end.err.substr(0, end.err.find_last_not_of('\n') + 1), 200) + "`" +
               (end.err.back() == '\n' ? "." : ", without a newline.");
    }
};

TEST_F(CommandLine, HelpIsPrintedAndIsNotAnError) {
    auto end = run_with({"--help"});
    if (!exited_with(end.status, 0))
        talk.fail(shown() + " must exit with status 0, but it ended with: " +
                  describe_status(end.status) + ".");
    for (const char* option : {"--host", "--port"})
        if (end.out.find(option) == std::string::npos)
            talk.fail(shown() + " must explain " + option +
                      " on standard output, but it printed: " + readable(end.out, 400));
}

TEST_F(CommandLine, UnknownOptionIsNamed) {
    expect_refusal({"--prot", "80"}, 2, {"--prot"});
    expect_refusal({"-x"}, 2, {"-x"});
}

TEST_F(CommandLine, MissingValueIsNamed) {
    expect_refusal({"--port"}, 2, {"--port"});
    expect_refusal({"--host"}, 2, {"--host"});
}

TEST_F(CommandLine, ImpossiblePortIsNamed) {
    for (const char* port :
         {"65536", "-1", "80x", "0x50", "1e3", "http", "99999999999999999999", " 80"})
        expect_refusal({"--port", port}, 2, {"--port", port});
    expect_refusal({"--port", ""}, 2, {"--port"});
}

TEST_F(CommandLine, EmptyHostIsNamed) { expect_refusal({"--host", ""}, 2, {"--host"}); }

TEST_F(CommandLine, UnexpectedArgumentIsNamed) {
    expect_refusal({"extra"}, 2, {"extra"});
    expect_refusal({"--port", "0", "extra"}, 2, {"extra"});
}

TEST_F(CommandLine, HostThatCannotBeResolvedIsNamed) {
    // RFC 2606 reserves names that end in .invalid, so none of them ever resolves.  The resolver
    // may be slow to say so.
    expect_refusal({"--host", "no-such-host.invalid", "--port", "0"}, 1, {"no-such-host.invalid"},
                   60s);
}

TEST_F(CommandLine, UnavailableAddressIsNamed) {
    // 192.0.2.1 is reserved for documentation (RFC 5737), so no machine has it.
    auto port = std::to_string(free_port());
    expect_refusal({"--host", "192.0.2.1", "--port", port}, 1,
                   {"cannot listen on 192.0.2.1:" + port + ": Cannot assign requested address"});
}

TEST_F(CommandLine, PortInUseIsNamedAndItsOwnerIsUnaffected) {
    server_process first(current_settings(), {.more = {"--host", "127.0.0.1"}});
    talk.watch(&first.program());
    client alice(talk, "alice", first.where());
    auto end = run_with({"--host", "127.0.0.1", "--port", std::to_string(first.where().port)});
    expect_complaint(end, 1,
                     {"cannot listen on " + first.where().str() + ": Address already in use"});
    expect_service_for(alice);
    auto status = first.stop(5s);
    talk.watch(nullptr);
    if (!status || !exited_with(*status, 0))
        talk.fail("The server that had the port must exit with status 0 on SIGTERM.");
}

TEST_F(CommandLine, ListeningLineNamesTheRealAddressAndPort) {
    talk.look_first_at(
        "where the address in `listening on` comes from: the listening socket itself knows it "
        "(getsockname, local_endpoint).");
    auto port = free_port();
    start({.more = {"--host", "127.0.0.1"}, .port = port});
    auto expected = "listening on 127.0.0.1:" + std::to_string(port);
    const auto said = server().program().out();
    if (said != expected + "\n")
        talk.fail("The server must listen on port " + std::to_string(port) + " and print `" +
                  expected + "`, but it printed `" + readable(said.substr(0, said.find('\n'))) +
                  "`.");
    expect_service();
}

TEST_F(CommandLine, LocalhostIsTheDefault) {
    const auto& host = server().where().host;
    if (host != "127.0.0.1" && host != "::1")
        talk.fail(
            "Without --host the server must listen on localhost, but it says that it listens on " +
            server().where().str() + ".");
    expect_service();
}

// The program that starts a server may have closed these three descriptors.  Their numbers then go
// to the next descriptors that the server opens, and its messages would be written to those.
TEST_F(CommandLine, ServerRunsWithItsStandardDescriptorsClosed) {
    const auto port = free_port();
    process program(started_by({"sh", "-c", "exec \"$@\" <&- >&- 2>&-", "sh"}, port));
    talk.watch(&program);
    talk.look_first_at(
        "descriptors 0, 1 and 2: if they are closed, the server must open /dev/null in their place "
        "before it opens anything else.");
    if (!listens_or_has_ended(program, port))
        talk.fail("The server does not listen when its standard descriptors are closed.");
    if (const auto status = program.status())
        talk.fail("The server, started with its standard descriptors closed, has ended: " +
                  describe_status(*status) + ".");
    client alice(talk, "alice", {"127.0.0.1", port});
    expect_service_for(alice);
    expect_end_of(program);
}

// A server that may create only a few threads either fails to start and says why, or serves.  It
// tells a client that it refuses why.
TEST_F(CommandLine, FailureToStartAThreadIsReported) {
    if (::getuid() != 0) GTEST_SKIP() << "only root can start a server as another user";
    for (std::size_t threads = 1; threads <= 5; ++threads) {
        const auto port = free_port();
        // The server gets a user of its own, because the limit counts all threads of a user.
        const auto number = std::to_string(port), most = std::to_string(threads);
        std::optional<process> program;
        try {
            program.emplace(started_by({"setpriv", "--reuid=" + number, "--clear-groups", "prlimit",
                                        "--nproc=" + most + ":" + most},
                                       port));
        } catch (const setup_error& why) {
            GTEST_SKIP() << why.what();
        }
        shown_ = "The server, limited to " + counted(threads, "thread") + ",";
        talk.watch(&*program);
        const bool listens = !program->first_line(deadline(20s)).empty();
        const auto status = program->status();
        if (!listens && !status) talk.fail(shown_ + " does not say that it listens.");
        if (status) {
            program->await_output(deadline(10s));
            const outcome end{*status, program->out(), program->err()};
            talk.watch(nullptr);
            if (end.err.find("Sanitizer") != std::string::npos)
                GTEST_SKIP() << "a sanitizer needs threads of its own";
            if (end.err.find("Permission denied") != std::string::npos)
                GTEST_SKIP() << "another user is not allowed to run the server";
            expect_complaint(end, 1, {"cannot start "});
            continue;
        }
        client alice(talk, "alice", {"127.0.0.1", port});
        if (is_echo()) alice.send_line("Hello!");
        if (alice.read_line().empty()) talk.fail(shown_ + " must tell a client why it is refused.");
        expect_end_of(*program);
    }
}

// How the server exits.

class Shutdown : public shutdown_test {
protected:
    // Ctrl-C and SIGTERM must have the same effect.  Each is tried on a new server.
    void with_both(const std::function<void(int signal)>& body) {
        for (int number : {SIGINT, SIGTERM}) {
            body(number);
            start_afresh();
        }
    }

    // Fills a connection: one client sends (in a chat, one sends and another does not read) until
    // the server takes no more.
    void get_stuck() {
        client_options small{.receive_buffer = 4096};
        std::string line(8000, 'x'), lines;
        line.back() = '\n';
        for (int i = 0; i < 1500; ++i) lines += line;
        auto& sloth = is_echo() ? connect("sloth", small) : enter("sloth", small);
        sloth.stop_reading();
        if (is_echo()) {
            sloth.send_what_fits(lines, 300ms);
        } else {
            auto& bob = enter("bob");
            bob.stop_reading();  // his own lines come back to him as well
            bob.send_what_fits(lines, 300ms);
        }
    }
};

TEST_F(Shutdown, ServerExitsWithNoClients) {
    with_both([&](int signal) {
        start();
        expect_exit_on(signal, 5s);
    });
}

TEST_F(Shutdown, ServerExitsAndDisconnectsIdleClients) {
    with_both([&](int signal) {
        std::vector<client*> all;
        for (int i = 0; i < (serves_many() ? 10 : 1); ++i) {
            auto name = "client " + std::to_string(i + 1);
            all.push_back(is_echo() ? &connect(name) : &enter(name));
            if (!is_echo()) continue;
            all.back()->send_line("Hello!");
            all.back()->expect_line("Hello!");
        }
        talk.in_short(counted(all.size(), "client"), "are connected and send nothing");
        expect_exit_on(signal, 5s);
        for (auto* one : all) one->expect_end_or_reset();
    });
}

TEST_F(Shutdown, ServerExitsInTheMiddleOfALine) {
    with_both([&](int signal) {
        auto& alice = is_echo() ? connect("alice") : enter("alice");
        alice.send("half a li");
        expect_exit_on(signal, 5s);
        alice.expect_end_or_reset();
    });
}

TEST_F(Shutdown, ServerExitsWhileAllClientsTalk) {
    if (is_echo()) GTEST_SKIP() << "the clients of an echo server do not talk to each other";
    with_both([&](int signal) {
        busy_room room(talk, server().where());
        for (int i = 0; i < 20; ++i) room.add(1'000'000);
        room.all().until("all clients talk", [&] {
            return std::all_of(room.members().begin(), room.members().end(),
                               [&](auto& one) { return room.heard_own(one) > 10; });
        });
        server().program().signal(signal);
        room.all().until(
            "every client sees the end of its connection",
            [&] { return all_have_ended(room.all()); }, 60s);
        expect_exit(signal, 5s);
    });
}

TEST_F(Shutdown, ServerExitsDespiteAClientThatDoesNotRead) {
    with_both([&](int signal) {
        get_stuck();
        expect_exit_on(signal, 10s);
    });
}

TEST_F(Shutdown, ServerExitsWhileClientsConnect) {
    with_both([&](int signal) {
        crowd arriving(talk, server().where(), crowd::no_lines);
        arriving.until(
            "the server exits",
            [&] {
                // The kernel refuses clients once the server has stopped listening.
                try {
                    if (arriving.members().size() < 200) arriving.add();
                } catch (const setup_error&) {}
                if (arriving.members().size() == 50) server().program().signal(signal);
                return server().program().status().has_value();
            },
            60s);
        expect_exit(signal, 5s);
    });
}

// Both signals are pending when the stopped server continues, so it cannot have exited before the
// second one, however quick it is.
TEST_F(Shutdown, SecondSignalStopsTheServerAtOnce) {
    get_stuck();
    auto& program = server().program();
    program.signal(SIGSTOP);
    program.signal(SIGINT);
    program.signal(SIGTERM);
    program.signal(SIGCONT);
    auto status = server().await_end(2s);
    if (!status) talk.fail("The server has not exited 2 s after a second signal.");
    // A server may have shut down completely before it handles the second signal.
    if (!exited_with(*status, 1) && !exited_with(*status, 0))
        talk.fail(
            "After a second signal the server must exit with status 1 (or 0, if it had shut down "
            "already), but it ended with: " +
            describe_status(*status) + ".");
    take_server();
}

TEST_F(Shutdown, ServerRestartsOnTheSamePortAtOnce) {
    with_both([&](int signal) {
        // The server closes its connections before the clients do, so the remains of them occupy
        // the port for a minute (TIME_WAIT).
        auto where = server().where();
        auto& alice = is_echo() ? connect("alice") : enter("alice");
        alice.send_line("Hello!");
        alice.read_line();
        if (serves_many()) connect("bob");
        expect_exit_on(signal, 5s);
        alice.close();
        EXPECT_FALSE(tcp_table(where.port).empty())
            << "no old connection is left, so this test proves nothing";
        talk.told_to_end();
        start({.more = {"--host", where.host},
               .port = where.port,
               .look_at =
                   "the options of the listening socket, before bind(): without SO_REUSEADDR "
                   "old connections keep the port occupied for a minute."});
        if (server().where().str() != where.str())
            talk.fail("The server must listen on " + where.str() + " again, but it listens on " +
                      server().where().str() + ".");
        expect_service();
        expect_exit_on(signal, 5s);
    });
}

}  // namespace
}  // namespace rendezvous::contracts

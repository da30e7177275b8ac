#include "tests/harness/client.hpp"

#include <gmock/gmock.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <cstring>
#include <future>

#include "tests/harness/crowd.hpp"
#include "tests/harness/server_process.hpp"
#include "tests/harness/settings.hpp"

namespace rendezvous::harness {
namespace {

using testing::HasSubstr;

// The other end: a socket that a test plays the server with.
class Client : public testing::Test {
protected:
    Client() {
        listener_ = descriptor(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        sockaddr_in here{};
        here.sin_family = AF_INET;
        here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof here;
        ::bind(listener_.get(), reinterpret_cast<sockaddr*>(&here), size);
        ::listen(listener_.get(), 100);
        where = parse_address(own_name(listener_));
        talk.keep_to_yourself(true);
    }

    descriptor accept() {
        return descriptor(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    }

    static void say(const descriptor& socket, const std::string& bytes) {
        ASSERT_EQ(::write(socket.get(), bytes.data(), bytes.size()),
                  static_cast<ssize_t>(bytes.size()));
    }

    // What is to fail fails because something is there already, or never comes: 400 ms will do.
    template <class Body>
    std::string headline(Body body) {
        std::string result = "no failure";
        be_patient(0.02);
        try {
            body();
        } catch (const mismatch& failure) {
            result = failure.headline();
        }
        be_patient(1);
        return result;
    }

    conversation talk;
    address where;
    descriptor listener_;
};

// What an exercise adds to what a server says is none of the other tests' business.
TEST_F(Client, LineThatAnExerciseAddsIsIgnored) {
    current_settings().passed_over = "A is here";
    client alice(talk, "alice", where);
    auto to_alice = accept();
    crowd all(talk, where);
    auto& bob = all.add();
    auto to_bob = accept();
    const std::string lines =
        "127.0.0.1:1 is here\none\n[::1]:2 is here\n[::1]:3 is here\nbob: bob is here\n";
    say(to_alice, lines);
    say(to_bob, lines);
    alice.expect_lines({"one", "bob: bob is here"});
    all.until("bob hears two lines", [&] { return bob.received == 2; });
    EXPECT_EQ(bob.lines, (std::vector<std::string>{"one", "bob: bob is here"}));
    current_settings().passed_over = "";
    say(to_alice, "127.0.0.1:1 is here\n");
    alice.expect_line("127.0.0.1:1 is here");
}

TEST_F(Client, LinesAreSplitHoweverTheBytesArrive) {
    client alice(talk, "alice", where);
    auto server = accept();
    say(server, "one\ntw");
    alice.expect_line("one");
    say(server, "o\n\nthree\n");
    alice.expect_lines({"two", "", "three"});
}

TEST_F(Client, GreetingHasTheAddressThatTheServerSees) {
    client alice(talk, "alice", where);
    auto server = accept();
    say(server, "You are " + alice.who() + "\n");
    alice.expect_greeting();
    EXPECT_EQ(talk.str(), "alice    connects\nalice <- You are alice\n");
}

TEST_F(Client, FailureShowsWhatCameInsteadAndAfterIt) {
    client alice(talk, "alice", where);
    auto server = accept();
    say(server, "one\ntwo\nthree\n");
    EXPECT_EQ(headline([&] { alice.expect_line("two"); }), "alice expected `two`, but came `one`.");
    EXPECT_EQ(talk.str(),
              "alice    connects\n"
              "alice !! expected `two`\n"
              "alice !! but came `one`\n"
              "alice !! and then `two`\n"
              "alice !! and then `three`\n");
}

TEST_F(Client, DeadlinePassesWithoutALine) {
    client alice(talk, "alice", where);
    auto server = accept();
    EXPECT_EQ(headline([&] { alice.expect_line("one"); }),
              "alice expected `one`, but nothing came within 400 ms.");
    EXPECT_FALSE(alice.try_read_line(0ms));
}

TEST_F(Client, EndAndResetAreToldApart) {
    client alice(talk, "alice", where), bob(talk, "bob", where), carol(talk, "carol", where);
    auto a = accept(), b = accept(), c = accept();
    a.close();
    alice.expect_end();
    harness::reset(b);
    EXPECT_EQ(headline([&] { bob.expect_end(); }),
              "bob expected the end of the connection, but the server reset the connection.");
    say(c, "half");
    c.close();
    EXPECT_EQ(
        headline([&] { carol.expect_line("half a line"); }),
        "carol expected `half a line`, but the server closed the connection, after `half` without "
        "a newline.");
}

TEST_F(Client, WaysToLeave) {
    auto ending = [](const descriptor& server) -> std::string {
        pollfd fd{server.get(), POLLIN, 0};
        ::poll(&fd, 1, 10'000);
        char byte;
        return ::read(server.get(), &byte, 1) == 0 ? "end" : std::string(std::strerror(errno));
    };
    client alice(talk, "alice", where), bob(talk, "bob", where), carol(talk, "carol", where);
    auto a = accept(), b = accept(), c = accept();
    alice.half_close();
    EXPECT_EQ(ending(a), "end");
    say(a, "still here\n");
    alice.expect_line("still here");
    bob.close();
    EXPECT_EQ(ending(b), "end");
    carol.reset();
    EXPECT_EQ(ending(c), "Connection reset by peer");
}

TEST_F(Client, RefusedConnectionIsAFailureOfTheTest) {
    listener_.close();
    EXPECT_EQ(headline([&] { client alice(talk, "alice", where); }),
              "alice cannot connect to " + where.str() + ": Connection refused.");
}

TEST_F(Client, ServerThatReadsNothingIsDetected) {
    client alice(talk, "alice", where);
    auto server = accept();
    EXPECT_THAT(headline([&] { alice.send(std::string(50'000'000, 'x')); }),
                HasSubstr("more to send, but the server takes none within 400 ms."));
}

TEST_F(Client, SmallBufferHidesLittle) {
    client alice(talk, "alice", where, {.receive_buffer = 4096});
    alice.stop_reading();
    auto server = accept();
    int small = 4096;
    ::setsockopt(server.get(), SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
    std::string much(1'000'000, 'x');
    auto n = ::send(server.get(), much.data(), much.size(), MSG_DONTWAIT);
    EXPECT_LT(n, 200'000);
}

TEST_F(Client, AddressesAreReadAndWritten) {
    EXPECT_EQ(parse_address("127.0.0.1:8000").str(), "127.0.0.1:8000");
    EXPECT_EQ(parse_address("[::1]:8000").host, "::1");
    EXPECT_EQ(parse_address("[::1]:8000").str(), "[::1]:8000");
    for (const char* text :
         {"", "8000", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:65536", "1:0", "1:99999999999"})
        EXPECT_THROW(parse_address(text), setup_error) << text;
}

TEST_F(Client, CrowdTalksAndListensInOneLoop) {
    crowd all(talk, where);
    for (int i = 0; i < 50; ++i) all.send_line(all.add(), "Hi!");
    std::vector<descriptor> servers;
    for (int i = 0; i < 50; ++i) servers.push_back(accept());
    for (auto& server : servers) say(server, "one\ntwo\n");
    all.until("all have two lines", [&] {
        return std::all_of(all.members().begin(), all.members().end(),
                           [](auto& one) { return one.received == 2; });
    });
    EXPECT_EQ(all.members()[7].lines, (std::vector<std::string>{"one", "two"}));
    servers.clear();
    all.until("all see the end", [&] {
        return std::all_of(all.members().begin(), all.members().end(),
                           [](auto& one) { return one.ended; });
    });
    EXPECT_THAT(headline([&] { all.until("pigs fly", [] { return false; }); }),
                testing::StartsWith("This did not happen within "));
}

TEST_F(Client, CrowdSendsTheRestOnceTheServerReads) {
    crowd all(talk, where);
    auto& one = all.add();
    std::string text;
    for (int i = 0; i < 1'000'000; ++i) text += std::to_string(i) + '\n';
    all.send(one, text);
    auto server = accept();
    all.until("it is connected", [&] { return one.connected; });
    ASSERT_GT(one.unsent(), 0u) << "it all fits into the buffers of the kernel";
    ASSERT_LT(one.unsent(), text.size());
    all.send_line(one, "the end");
    all.half_close(one);
    auto read = std::async(std::launch::async, [&] {
        std::string all_bytes;
        char bytes[65536];
        for (ssize_t n; (n = ::recv(server.get(), bytes, sizeof bytes, 0)) > 0;)
            all_bytes.append(bytes, static_cast<std::size_t>(n));
        server.close();
        return all_bytes;
    });
    all.until("it sees the end", [&] { return one.ended; });
    const auto came = read.get();
    EXPECT_TRUE(came == text + "the end\n") << came.size() << " bytes came";
    EXPECT_EQ(one.unsent(), 0u);
}

TEST(Addresses, MappedIpv4AddressIsTheIpv4Address) {
    EXPECT_EQ(canonical({"::ffff:127.0.0.1", 7}).str(), "127.0.0.1:7");
    EXPECT_EQ(canonical({"::FFFF:7F00:1", 7}).str(), "127.0.0.1:7");
    EXPECT_EQ(canonical({"0:0:0:0:0:0:0:1", 7}).str(), "[::1]:7");
    EXPECT_EQ(canonical({"127.0.0.1", 7}).str(), "127.0.0.1:7");
    EXPECT_EQ(canonical({"localhost", 7}).str(), "localhost:7") << "is a name and no address";
}

TEST(Addresses, OnlyTheAddressThatALineIsAboutIsRespelled) {
    const std::string ours = "127.0.0.1:64208";
    for (const std::string theirs : {"[::ffff:127.0.0.1]:64208", "::ffff:127.0.0.1:64208"}) {
        EXPECT_EQ(with_canonical_address("You are " + theirs), "You are " + ours);
        EXPECT_EQ(with_canonical_address(theirs + " has arrived"), ours + " has arrived");
        EXPECT_EQ(with_canonical_address(theirs + " has left"), ours + " has left");
        EXPECT_EQ(with_canonical_address(theirs + ": Hi!"), ours + ": Hi!");
        EXPECT_EQ(with_canonical_address(theirs + ": "), ours + ": ");
        EXPECT_EQ(with_canonical_address(theirs + ": " + theirs), ours + ": " + theirs);
    }
    EXPECT_EQ(with_canonical_address("[0:0:0:0:0:0:0:1]:64208: Hi!"), "[::1]:64208: Hi!");
    const std::vector<std::string> others = {ours + ": Hi!",
                                             "You are " + ours,
                                             "",
                                             ":",
                                             "::",
                                             "1:2:3",
                                             "You are ",
                                             "a: b: c",
                                             "[::ffff:127.0.0.1]:64208:: Hi!",
                                             "localhost:64208: Hi!"};
    for (const auto& as_it_is : others) EXPECT_EQ(with_canonical_address(as_it_is), as_it_is);
}

TEST(Addresses, AddressFamilyOfAServerIsDetected) {
    const auto found = [](const std::string& host, const std::string& only) {
        settings how;
        how.foreign = true;
        how.command = {"python3", "-c",
                       "import socket, sys, time\n"
                       "s = socket.socket(socket.AF_INET6)\n"
                       "s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, " +
                           only +
                           ")\n"
                           "s.bind((sys.argv[1], int(sys.argv[2])))\n"
                           "s.listen()\n"
                           "time.sleep(1000)",
                       host, "{port}"};
        return server_process(how).where().host;
    };
    if (!can_listen_on({"::1"})) GTEST_SKIP() << "this machine has no ::1";
    EXPECT_EQ(found("::ffff:127.0.0.1", "0"), "127.0.0.1");
    EXPECT_EQ(found("::", "0"), "127.0.0.1");
    EXPECT_EQ(found("::", "1"), "::1");
    EXPECT_EQ(found("::1", "0"), "::1");
}

}  // namespace
}  // namespace rendezvous::harness

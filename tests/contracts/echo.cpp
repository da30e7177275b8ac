// Echo: every byte that a client sends comes back, in order, for binary data of any size and in any
// segmentation.  The tests use one client at a time, because the first stage serves only one.
#include <random>

#include "tests/contracts/contract.hpp"

namespace rendezvous::contracts {
namespace {

class Echo : public server_test {
protected:
    static std::string noise(std::size_t n) {
        std::mt19937 random(4711);  // the same in every run
        std::string bytes(n, '\0');
        for (auto& byte : bytes) byte = static_cast<char>(random());
        return bytes;
    }

    void expect_end(client& alice) {
        std::string more;
        for (const auto& line : alice.read_until_end()) more += line + "\n";
        more += alice.unfinished();
        if (!more.empty())
            talk.fail("alice received " + counted(more.size(), "byte") +
                      " that she had not sent: `" + readable(more) + "`.");
    }

    // Reports only the bytes around the first difference: the data may be megabytes.
    void expect_back(client& alice, const std::string& bytes) {
        auto came = alice.read_bytes(bytes.size());
        if (came == bytes) return;
        auto at = std::mismatch(bytes.begin(), bytes.end(), came.begin()).first - bytes.begin();
        auto where = static_cast<std::size_t>(at);
        talk.fail("The " + counted(bytes.size(), "byte") +
                  " that came back differ from those sent from byte " + std::to_string(at) +
                  " on: sent `" + readable(bytes.substr(where, 16)) + "`, received `" +
                  readable(came.substr(where, 16)) + "`.");
    }
};

TEST_F(Echo, LineComesBack) {
    auto& alice = connect("alice");
    alice.send_line("Hello!");
    alice.expect_line("Hello!");
    alice.send_line("And again.");
    alice.expect_line("And again.");
}

TEST_F(Echo, TextWithoutANewlineComesBackUnchanged) {
    auto& alice = connect("alice");
    alice.send("no newline");
    expect_back(alice, "no newline");
    alice.half_close();
    expect_end(alice);  // and the server must not add one
}

TEST_F(Echo, ServerSendsNothingOfItsOwn) {
    auto& alice = connect("alice");
    alice.half_close();
    expect_end(alice);
}

TEST_F(Echo, EveryByteComesBackUnchanged) {
    std::string all;
    for (int i = 0; i < 256; ++i) all += static_cast<char>(i);
    auto& alice = connect("alice");
    alice.send(all, "all 256 values of a byte");
    expect_back(alice, all);
    alice.send("\r\n\r\n\n\r");
    expect_back(alice, "\r\n\r\n\n\r");
}

TEST_F(Echo, OneByteAtATimeComesBack) {
    auto& alice = connect("alice");
    std::string text = "one byte at a time";
    for (char byte : text) {
        alice.send(std::string(1, byte));
        expect_back(alice, std::string(1, byte));
    }
    for (char byte : text) alice.send(std::string(1, byte));
    expect_back(alice, text);
}

TEST_F(Echo, MegabytesComeBack) {
    auto& alice = connect("alice");
    auto bytes = noise(8'000'000);
    alice.send(bytes, "8 MB of noise");
    expect_back(alice, bytes);
}

TEST_F(Echo, HalfClosedClientReceivesEverythingAndThenEndOfFile) {
    for (int i = 0; i < rounds(50); ++i) {
        talk.start_over();
        client alice(talk, "alice", server().where());
        auto bytes = noise(static_cast<std::size_t>(1 + i * i * 100));
        alice.send(bytes, counted(bytes.size(), "byte") + " of noise");
        alice.half_close();
        expect_back(alice, bytes);
        expect_end(alice);
    }
}

TEST_F(Echo, NextClientIsServedWhenOneHasLeft) {
    for (const char* name : {"alice", "bob", "carol"}) {
        auto& one = connect(name);
        one.send_line("Hello!");
        one.expect_line("Hello!");
        one.close();
    }
}

TEST_F(Echo, NextClientIsServedWhenOneHasBeenReset) {
    for (int i = 0; i < rounds(20); ++i) {
        talk.start_over();
        client alice(talk, "alice", server().where());
        alice.send(noise(100'000), "100,000 bytes of noise");  // which cannot come back any more
        alice.reset();
    }
    expect_service();
}

TEST_F(Echo, ServerRecoversFromAClientThatDoesNotRead) {
    auto& sloth = connect("sloth", {.receive_buffer = 4096});
    sloth.stop_reading();
    sloth.send_what_fits(noise(16'000'000), 300ms);
    if (serves_many()) expect_service();
    sloth.reset();
    expect_service();
    must_end_within = 10s;
}

}  // namespace
}  // namespace rendezvous::contracts

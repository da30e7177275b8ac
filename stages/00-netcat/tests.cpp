// What stage 00 promises: a client that copies in both directions at once.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <string>
#include <thread>

#include "tests/harness/process.hpp"
#include "tests/harness/server_process.hpp"
#include "tests/harness/settings.hpp"

namespace rendezvous::harness {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

// The server that the client connects to; what it says is up to the test.
class listening_socket {
public:
    listening_socket() : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
        sockaddr_in any{};
        any.sin_family = AF_INET;
        any.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof any;
        if (::bind(socket_.get(), reinterpret_cast<sockaddr*>(&any), size) !=
                0 ||
            ::listen(socket_.get(), 1) != 0)
            throw setup_error("cannot listen on a free port");
        ::getsockname(socket_.get(), reinterpret_cast<sockaddr*>(&any), &size);
        port_ = ntohs(any.sin_port);
    }
    std::uint16_t port() const { return port_; }
    // Returns nothing if the client exits first or does not connect in time.
    descriptor accept(const process& client) {
        pollfd fds[] = {{socket_.get(), POLLIN, 0},
                        {client.ended(), POLLIN, 0}};
        const auto limit = static_cast<int>(deadline(10s).span().count());
        if (::poll(fds, 2, limit) < 1 || !fds[0].revents) return {};
        descriptor conn(::accept(socket_.get(), nullptr, nullptr));
        const timeval patience{20, 0};
        ::setsockopt(conn.get(), SOL_SOCKET, SO_RCVTIMEO, &patience,
                     sizeof patience);
        ::setsockopt(conn.get(), SOL_SOCKET, SO_SNDTIMEO, &patience,
                     sizeof patience);
        return conn;
    }

private:
    descriptor socket_;
    std::uint16_t port_;
};

// Whether the descriptor becomes readable, or writable, in time.
bool becomes_ready(int descriptor, short event, milliseconds within = 10s) {
    pollfd fd{descriptor, event, 0};
    return ::poll(&fd, 1, static_cast<int>(deadline(within).span().count())) >
           0;
}

constexpr const char* one_direction_waits =
    "Look first at talk: while one direction waits, which task copies the "
    "other one?";

void write_all(int to, const std::string& bytes) {
    ::fcntl(to, F_SETFL, ::fcntl(to, F_GETFL) | O_NONBLOCK);
    std::size_t done = 0;
    while (done < bytes.size()) {
        if (!becomes_ready(to, POLLOUT))
            FAIL() << "The client takes no more bytes.\n\n"
                   << one_direction_waits;
        const auto n = ::write(to, bytes.data() + done, bytes.size() - done);
        ASSERT_GT(n, 0);
        done += static_cast<std::size_t>(n);
    }
}

// Reads `most` bytes, or fewer if the end of file or the time limit comes
// first.
std::string read_up_to(int from, std::size_t most) {
    std::string bytes;
    char buffer[65'536];
    while (bytes.size() < most) {
        if (!becomes_ready(from, POLLIN)) {
            ADD_FAILURE() << "Nothing arrived for 10 s.\n\n"
                          << one_direction_waits;
            break;
        }
        const auto n =
            ::read(from, buffer, std::min(sizeof buffer, most - bytes.size()));
        if (n <= 0) break;
        bytes.append(buffer, static_cast<std::size_t>(n));
    }
    return bytes;
}

// Whether the end of file comes before the time limit.
bool sees_the_end(int from, milliseconds within) {
    pollfd fd{from, POLLIN, 0};
    const auto limit = static_cast<int>(deadline(within).span().count());
    char byte;
    return ::poll(&fd, 1, limit) == 1 && ::read(from, &byte, 1) == 0;
}

std::string a_lot_of_text() {
    std::string text = "x";
    while (text.size() < 40'000'000) text += text;
    return text;
}

class Netcat : public testing::Test {
protected:
    // Starts the client.  The test holds the other end of its connection, and
    // takes the place of its keyboard and its screen.
    void SetUp() override {
        client_.emplace(
            launch{.argv = command_for(current_settings(), server_.port()),
                   .keyboard = true});
        keyboard = client_->take_input();
        screen = client_->take_output();
        conn = server_.accept(*client_);
        if (!conn)
            FAIL() << "The client did not connect.\n\nLook first at main: "
                      "client_main connects, and passes the socket to talk.";
    }
    int status() {
        const auto ended = client_->wait(deadline(10s));
        EXPECT_TRUE(ended) << "The client did not exit within 10 s.";
        return ended.value_or(-1);
    }
    process& client() { return *client_; }

    descriptor keyboard, screen, conn;

private:
    listening_socket server_;
    std::optional<process> client_;
};

TEST_F(Netcat, ClientSendsAtOnceWhatYouType) {
    write_all(keyboard.get(), "hello\n");
    EXPECT_EQ(read_up_to(conn.get(), 6), "hello\n");
    write_all(keyboard.get(), "no newline");
    EXPECT_EQ(read_up_to(conn.get(), 10), "no newline");
}

TEST_F(Netcat, ClientPrintsAtOnceWhatTheServerSends) {
    write_all(conn.get(), "hello\n");
    EXPECT_EQ(read_up_to(screen.get(), 6), "hello\n");
    write_all(conn.get(), "no newline");
    EXPECT_EQ(read_up_to(screen.get(), 10), "no newline");
}

TEST_F(Netcat, ClientCarriesEveryByteValue) {
    std::string bytes;
    for (int byte = 0; byte < 256; ++byte) bytes += static_cast<char>(byte);
    write_all(keyboard.get(), bytes);
    EXPECT_EQ(read_up_to(conn.get(), 256), bytes);
    write_all(conn.get(), bytes);
    EXPECT_EQ(read_up_to(screen.get(), 256), bytes);
}

// The test sends more than all buffers on the way can hold.  A client that
// copied one direction after the other would deadlock with it.
TEST_F(Netcat, ClientCopiesBothWaysAtOnce) {
    const std::string much = a_lot_of_text();
    std::thread typing([&] { write_all(keyboard.get(), much); });
    std::thread talking([&] { write_all(conn.get(), much); });
    std::size_t heard = 0;
    std::thread listening(
        [&] { heard = read_up_to(conn.get(), much.size()).size(); });
    EXPECT_EQ(read_up_to(screen.get(), much.size()).size(), much.size());
    typing.join();
    talking.join();
    listening.join();
    EXPECT_EQ(heard, much.size());
}

TEST_F(Netcat, ClientHalfClosesAtTheEndOfItsInputAndStillReceives) {
    write_all(keyboard.get(), "my last words");
    keyboard = {};
    EXPECT_EQ(read_up_to(conn.get(), 13), "my last words");
    if (!sees_the_end(conn.get(), 5s))
        ADD_FAILURE() << "The input ended, and 5 s later the server has still "
                         "read no end of file.\n\nLook first at what "
                         "copy_input does at the end of the input.";
    write_all(conn.get(), "the answer\n");
    if (read_up_to(screen.get(), 11) != "the answer\n")
        FAIL() << "The client did not print what the server sent after the "
                  "input had ended.\n\nLook first at what copy_input closes "
                  "at the end of the input: it may close only the direction "
                  "in which it writes.";
    conn = {};
    EXPECT_TRUE(exited_with(status(), 0));
}

TEST_F(Netcat, ClientExitsWhenTheServerCloses) {
    write_all(conn.get(), "goodbye\n");
    conn = {};
    EXPECT_TRUE(exited_with(status(), 0));  // while the keyboard is open
    EXPECT_EQ(read_up_to(screen.get(), 1'000), "goodbye\n");
}

TEST_F(Netcat, ClientExitsWhenTheServerClosesWithInputUnread) {
    write_all(keyboard.get(), std::string(60'000, 'x'));
    read_up_to(conn.get(), 1'000);
    conn = {};  // bytes are unread, so the client sees a reset
    const auto how = status();
    EXPECT_TRUE(exited_with(how, 0) || exited_with(how, 1));
}

TEST_F(Netcat, ClientReportsAReset) {
    const linger at_once{1, 0};
    ::setsockopt(conn.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    conn = {};
    EXPECT_TRUE(exited_with(status(), 1));
    eventually(10s, [&] { return client().err_lines() > 0; });
    EXPECT_EQ(client().err(),
              "the connection broke: Connection reset by peer\n");
}

TEST_F(Netcat, InterruptEndsTheClient) {
    client().signal(SIGINT);
    const auto how = status();
    EXPECT_TRUE(WIFSIGNALED(how) && WTERMSIG(how) == SIGINT);
    EXPECT_EQ(read_up_to(conn.get(), 1), "");
}

class NetcatAlone : public testing::Test {
protected:
    static outcome run_with(const std::vector<std::string>& arguments) {
        std::vector<std::string> argv{current_settings().command.front()};
        argv.insert(argv.end(), arguments.begin(), arguments.end());
        return run(launch{.argv = argv}, 20s);
    }
};

TEST_F(NetcatAlone, ClientReportsARefusedConnection) {
    const auto port = std::to_string(free_port());
    const auto [status, out, err] = run_with({"127.0.0.1", port});
    EXPECT_TRUE(exited_with(status, 1));
    EXPECT_EQ(err,
              "cannot connect to 127.0.0.1:" + port + ": Connection refused\n");
}

TEST_F(NetcatAlone, ClientNamesAHostThatItCannotResolve) {
    const auto [status, out, err] = run_with({"no.such.host.invalid"});
    EXPECT_TRUE(exited_with(status, 1));
    EXPECT_THAT(err, StartsWith("cannot resolve no.such.host.invalid: "));
}

TEST_F(NetcatAlone, ClientNamesAMistakeInItsArguments) {
    for (const auto* bad : {"65536", "-1", "80x", "", "0x50"}) {
        const auto [status, out, err] = run_with({"localhost", bad});
        EXPECT_TRUE(exited_with(status, 2)) << bad;
        EXPECT_THAT(err, HasSubstr(bad));
        EXPECT_EQ(std::count(err.begin(), err.end(), '\n'), 1) << err;
    }
    EXPECT_TRUE(exited_with(run_with({"localhost", "1", "2"}).status, 2));
    EXPECT_TRUE(exited_with(run_with({"--unknown"}).status, 2));
}

TEST_F(NetcatAlone, HelpOptionExplainsTheArguments) {
    const auto [status, out, err] = run_with({"--help"});
    EXPECT_TRUE(exited_with(status, 0));
    EXPECT_THAT(out, HasSubstr("HOST"));
}

}  // namespace
}  // namespace rendezvous::harness

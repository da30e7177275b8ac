// A client of the server under test: a plain socket on which nothing waits without a deadline.
// What is expected and does not come ends the test with the whole conversation.
#pragma once
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/harness/conversation.hpp"
#include "tests/harness/descriptor.hpp"
#include "tests/harness/patience.hpp"

namespace rendezvous::harness {

struct address {
    std::string host = "127.0.0.1";
    std::uint16_t port = 0;

    std::string str() const;  // 127.0.0.1:8000, [::1]:8000
};
// Throws setup_error if it is none.
address parse_address(const std::string&);
// The IPv4 address in one that is mapped into IPv6 (::ffff:127.0.0.1), which is how a socket for
// both families sees an IPv4 client; any other address in its usual spelling.
address canonical(address);
// The line as if the server spelled addresses as we do.  Only the address that the line is about is
// touched: at its beginning, or after `You are `.
std::string with_canonical_address(std::string line);

// Whether this machine has the address, and no program listens on its port (0: on any).
bool can_listen_on(const address&);

// A socket that begins to connect.  It becomes writable when it is connected, or has failed to be.
descriptor begin_to_connect(const address&, int receive_buffer);
// A connected socket; throws setup_error with the reason if there is no connection within `span`.
descriptor connect_to(const address&, int receive_buffer, milliseconds span);
// The socket's own end, as the server sees it.
std::string own_name(const descriptor& socket);
// Closes it so that the other side sees a reset, and not an end of file.
void reset(descriptor& socket);

struct client_options {
    // A reader that does not read must not hide megabytes in its kernel's buffer.  0: the default.
    int receive_buffer = 0;
};

class client {
public:
    client(conversation&, std::string name, const address&, client_options = {});
    // On descriptors that lead to another program, netcat say, that is the actual client.
    client(conversation&, std::string name, descriptor from, descriptor to);
    client(const client&) = delete;

    const std::string& name() const { return name_; }  // alice
    const std::string& who() const { return who_; }    // 127.0.0.1:64208, as the server sees it

    // `You are A`; on a socket A is known, netcat's is learned here.
    void expect_greeting();

    void send_line(std::string_view line);
    // As they are; `log` is what the conversation shows instead of them.
    void send(std::string_view bytes, std::string_view log = {});

    // The next line, whatever it is.
    std::string read_line();
    // Nothing if the connection ends first, or the deadline passes.
    std::optional<std::string> try_read_line(milliseconds span);
    // The next line is this one.
    void expect_line(std::string_view);
    void expect_lines(std::initializer_list<std::string>);
    void expect_lines(const std::vector<std::string>&);
    // All lines up to this one and with it, in a busy room.
    std::vector<std::string> read_until(std::string_view last);
    // So many bytes, as they are.
    std::string read_bytes(std::size_t n);

    // Nothing was sent to this client.  That cannot be waited for; but a line that the witness
    // sends now comes after everything that the server already had for this client.  So the next
    // line here must be that one.
    void expect_silence(client& witness);

    // The connection ends here, with nothing before it.  `or_reset`: an end is an end.
    enum class ending { end_of_file, reset };
    void expect_end();
    ending expect_end_or_reset();
    // All lines up to the end of the connection.
    std::vector<std::string> read_until_end();
    // What the end cut off: bytes after the last newline.
    const std::string& unfinished() const { return pending_; }

    // From now on nothing is read, not even while sending.
    void stop_reading() { reads_ = false; }
    // Reads again, and with a buffer that is large enough to catch up quickly.
    void read_again();
    bool reads() const { return reads_ && from_; }

    void half_close();  // "I have said everything"
    void reset();       // as when the machine at the other end is switched off and on again
    void close();

    // Sends, reading nothing, until the server has taken no more for so long; how much it took.
    std::size_t send_what_fits(std::string_view bytes, milliseconds idle);

    int socket() const { return from_.get(); }

private:
    enum class got { bytes, nothing, end, reset };
    got receive_some();  // whatever is there, without waiting
    void write(std::string_view bytes);
    std::optional<std::string> next_line(patience_for&);
    std::optional<std::string> line_that_came();
    bool wait(short events, patience_for&);
    std::string why_not(const patience_for&) const;
    std::vector<std::string> what_follows();
    int out() const { return to_ ? to_.get() : from_.get(); }

    harness::conversation* talk_;
    std::string name_, who_;
    descriptor from_, to_;  // the same socket if to_ is empty
    std::string pending_;
    std::size_t at_ = 0;  // in pending_: all before it has been read
    std::optional<ending> ended_;
    bool reads_ = true;
};

}  // namespace rendezvous::harness

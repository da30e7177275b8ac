// A client of the server under test: a plain socket on which every wait has a deadline.  If an
// expected line does not come, the test ends and prints the whole conversation.
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
// Throws setup_error if the text is not an address.
address parse_address(const std::string&);
// The IPv4 address in one that is mapped into IPv6 (::ffff:127.0.0.1), which is how a socket for
// both families sees an IPv4 client; any other address in its usual spelling.
address canonical(address);
// The line with its address in our spelling.  Only the address that the line is about changes: the
// one at its beginning, or after `You are `.
std::string with_canonical_address(std::string line);

// Whether this machine has the address, and no program listens on its port (0: on any).
bool can_listen_on(const address&);

// A socket that begins to connect.  It becomes writable when it has connected, or has failed to.
descriptor begin_to_connect(const address&, int receive_buffer);
// A connected socket; throws setup_error with the reason if there is no connection within `span`.
descriptor connect_to(const address&, int receive_buffer, milliseconds span);
// The socket's own address, as the server sees it.
std::string own_name(const descriptor& socket);
// Closes the socket so that the peer sees a reset instead of end of file.
void reset(descriptor& socket);

struct client_options {
    // In bytes; 0: the kernel's default, which lets megabytes arrive at a client that does not
    // read.
    int receive_buffer = 0;
};

class client {
public:
    client(conversation&, std::string name, const address&, client_options = {});
    // A client that is another program, such as netcat, behind these two descriptors.
    client(conversation&, std::string name, descriptor from, descriptor to);
    client(const client&) = delete;

    const std::string& name() const { return name_; }  // alice
    const std::string& who() const { return who_; }    // 127.0.0.1:64208, as the server sees it

    // Reads `You are A`.  The address of a socket is known; that of netcat is learned here.
    void expect_greeting();

    void send_line(std::string_view line);
    // Sends these bytes unchanged; the conversation shows `log` instead, if it is not empty.
    void send(std::string_view bytes, std::string_view log = {});

    // The next line, whatever it is.
    std::string read_line();
    // The next line, or nothing if the connection ends or the deadline passes first.
    std::optional<std::string> try_read_line(milliseconds span);
    // The next line is this one.
    void expect_line(std::string_view);
    void expect_lines(std::initializer_list<std::string>);
    void expect_lines(const std::vector<std::string>&);
    // All lines up to and including this one: for a room in which other clients talk.
    std::vector<std::string> read_until(std::string_view last);
    // Exactly n bytes, unchanged.
    std::string read_bytes(std::size_t n);

    // The server has sent nothing to this client.  No test can wait for that, but a line that the
    // witness sends now arrives after everything that the server already had for this client.  So
    // the next line here must be that one.
    void expect_silence(client& witness);

    // The connection ends without another byte.  With `or_reset`, lines may come first, and a reset
    // is an end too.
    enum class ending { end_of_file, reset };
    void expect_end();
    ending expect_end_or_reset();
    // All lines up to the end of the connection.
    std::vector<std::string> read_until_end();
    // The bytes after the last newline when the connection ended.
    const std::string& unfinished() const { return pending_; }

    // From now on the client reads nothing, not even while it sends.
    void stop_reading() { reads_ = false; }
    // Reads again, with a buffer that is large enough to catch up quickly.
    void read_again();
    bool reads() const { return reads_ && from_; }

    void half_close();  // sends end of file, and still receives
    void reset();       // as if the client's machine had been restarted
    void close();
    // Closes when the server's kernel has acknowledged everything, end of file included.
    void close_once_delivered();

    // Sends without reading, until the server has taken no more for this long.  Returns how many
    // bytes it took.
    std::size_t send_what_fits(std::string_view bytes, milliseconds idle);

    int socket() const { return from_.get(); }

private:
    enum class got { bytes, nothing, end, reset };
    got receive_some();  // what has arrived, without waiting
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
    std::size_t at_ = 0;  // in pending_: everything before it has been returned
    std::optional<ending> ended_;
    bool reads_ = true;
};

}  // namespace rendezvous::harness

// Reading and writing lines on fibers: each call suspends the fiber that makes it.
#pragma once
#include <boost/asio/buffer.hpp>
#include <cstddef>
#include <string>

#include "common/net/connection.hpp"
#include "common/net/lines.hpp"

namespace rendezvous::fibers {

// Reads the bytes that have arrived, and waits for the first one; returns how many it has read.
// Sets `ec` to eof at the end of file.
std::size_t read_some(connection& conn, asio::mutable_buffer bytes, error_code& ec);

// `for (auto& line : lines(conn))`.
using lines = basic_lines<read_some>;

// Writes the text and a newline, and suspends the fiber until the kernel has taken all of it. After
// an error, write no more to this client: it is gone, and the next wait for its socket may never
// end.
void write_line(connection& conn, const std::string& text, error_code& ec);

}  // namespace rendezvous::fibers

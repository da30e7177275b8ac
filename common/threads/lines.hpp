// Reading and writing lines on threads: each call blocks the thread that makes it.
#pragma once
#include <boost/asio/buffer.hpp>
#include <cstddef>
#include <string>

#include "common/net/connection.hpp"
#include "common/net/lines.hpp"

namespace rendezvous::threads {

// Reads the bytes that have arrived, and waits for the first one; returns how many it has read.
// Sets `ec` to eof at the end of file.
std::size_t read_some(connection& conn, asio::mutable_buffer bytes, error_code& ec);

// `for (auto& line : lines(conn))`.
using lines = basic_lines<read_some>;

// Writes the text and a newline, and blocks until the kernel has taken all of it.  After an error,
// write no more to this client: it is gone.
void write_line(connection& conn, const std::string& text, error_code& ec);

}  // namespace rendezvous::threads

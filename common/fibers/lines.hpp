// Reading and writing lines on fibers: each call suspends the fiber that makes it.
#pragma once
#include <boost/asio/buffer.hpp>
#include <cstddef>
#include <string>

#include "common/net/connection.hpp"
#include "common/net/lines.hpp"

namespace rendezvous::fibers {

// Reads what has come, at least one byte; returns how many.  Sets `ec` to eof at the end of file.
std::size_t read_some(connection& conn, asio::mutable_buffer bytes, error_code& ec);

// `for (auto& line : lines(conn))`.
using lines = basic_lines<read_some>;

// Writes the text and a newline, all of it, and suspends the fiber until the kernel has taken it.
// After an error, write no more to this client: it is gone, and Asio's reactor may wait for ever
// for a sign of life.
void write_line(connection& conn, const std::string& text, error_code& ec);

}  // namespace rendezvous::fibers

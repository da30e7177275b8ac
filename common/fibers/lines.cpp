#include "common/fibers/lines.hpp"

#include <array>
#include <boost/asio/error.hpp>
#include <boost/asio/write.hpp>

#include "common/fibers/use_fiber.hpp"

namespace rendezvous::fibers {

std::size_t read_some(connection& conn, asio::mutable_buffer bytes, error_code& ec) {
    return conn.async_read_some(bytes, use_fiber[ec]);
}

void write_line(connection& conn, const std::string& text, error_code& ec) {
    // Nearly always the kernel takes the whole line at once.  Trying costs one system call; waiting
    // for the socket first would cost two switches of fibers and a turn of the event loop as well.
    const std::array line{asio::buffer(text), asio::buffer("\n", 1)};
    const auto written = conn.write_some(line, ec);
    if (ec == asio::error::would_block) ec = {};
    if (!ec && written <= text.size()) {
        const auto rest = (text + '\n').substr(written);
        asio::async_write(conn, asio::buffer(rest), use_fiber[ec]);
    }
    // No lock: of two fibers that the same event wakes, the writer runs first, because Asio's
    // reactor performs a pending write before a pending read.
    conn.note_write(ec);
}

}  // namespace rendezvous::fibers

#include "common/fibers/lines.hpp"

#include <array>
#include <boost/asio/write.hpp>

#include "common/fibers/use_fiber.hpp"

namespace rendezvous::fibers {

std::size_t read_some(connection& conn, asio::mutable_buffer bytes, error_code& ec) {
    return conn.async_read_some(bytes, use_fiber[ec]);
}

void write_line(connection& conn, const std::string& text, error_code& ec) {
    // Nearly always the kernel takes it all at once.  Asking costs one system call; waiting for
    // what need not be waited for would cost two switches and a turn of the loop besides.
    const std::array line{asio::buffer(text), asio::buffer("\n", 1)};
    const auto written = conn.write_some(line, ec);
    if (ec == asio::error::would_block) ec = {};
    if (ec || written > text.size()) return;

    const auto rest = (text + '\n').substr(written);
    asio::async_write(conn, asio::buffer(rest), use_fiber[ec]);
}

}  // namespace rendezvous::fibers

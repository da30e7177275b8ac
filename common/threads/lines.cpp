#include "common/threads/lines.hpp"

#include <array>
#include <boost/asio/write.hpp>

namespace rendezvous::threads {

std::size_t read_some(connection& conn, asio::mutable_buffer bytes, error_code& ec) {
    return conn.read_some(bytes, ec);
}

void write_line(connection& conn, const std::string& text, error_code& ec) {
    const std::array line{asio::buffer(text), asio::buffer("\n", 1)};
    const auto lock = conn.lock_for_writing();
    asio::write(conn, line, ec);
    conn.note_write(ec);
}

}  // namespace rendezvous::threads

// The lines that a client sends, as a range: `for (auto& line : lines(conn))`.
#pragma once
#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <optional>
#include <string>

#include "common/net/connection.hpp"
#include "common/net/line_framer.hpp"

namespace rendezvous {

// `ReadSome` says how to wait for bytes: it blocks a thread, or suspends a fiber.  The range ends
// at the end of file, at a line that is too long, and at an error.  What follows the last newline
// is a line when the client ended with an end of file; when the connection broke, it is dropped,
// because it may be half a line.
template <auto ReadSome>
class basic_lines {
public:
    explicit basic_lines(connection& conn) : conn_(conn) {}

    class iterator {
    public:
        explicit iterator(basic_lines& lines) : lines_(lines) { ++*this; }
        std::string& operator*() const { return *lines_.line_; }
        iterator& operator++() {
            lines_.line_ = lines_.next();
            return *this;
        }
        struct end {};
        bool operator==(end) const { return !lines_.line_; }

    private:
        basic_lines& lines_;
    };
    iterator begin() { return iterator(*this); }
    typename iterator::end end() { return {}; }

private:
    std::optional<std::string> next() {
        for (;;) {
            if (auto line = framer_.next()) return line;
            if (framer_.over()) return {};
            error_code ec;
            const auto size = ReadSome(conn_, asio::buffer(bytes_), ec);
            framer_.feed({bytes_.data(), size});
            if (!ec) continue;
            if (ec != asio::error::eof || conn_.was_reset()) return {};
            framer_.end_of_file();
        }
    }

    connection& conn_;
    line_framer framer_;
    std::array<char, 4096> bytes_;
    std::optional<std::string> line_;
};

}  // namespace rendezvous

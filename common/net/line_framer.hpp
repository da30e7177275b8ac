// Bytes in, lines out.
#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace rendezvous {

// Cuts a stream of bytes into lines, whatever pieces the bytes arrive in, as the book's
// bufio.Scanner does: a line ends with LF, and one CR before it is dropped; what follows the last
// LF at the end of file is a line too.  After a line of more than `max_line` bytes (a CR counts,
// the LF does not) there are no more lines.
class line_framer {
public:
    static constexpr std::size_t max_line = 65'535;  // bytes

    void feed(std::string_view bytes);
    void end_of_file() { end_of_file_ = true; }

    // The next line, without its line end.  Nothing when it needs more bytes, or is `over()`.
    std::optional<std::string> next();

    // There will be no more lines: the last one was taken after the end of file, or one is too
    // long.
    bool over() const { return over_; }

private:
    std::string take(std::size_t length);

    std::string bytes_;
    std::size_t begin_ = 0;     // of the next line
    std::size_t searched_ = 0;  // no LF between begin_ and here
    bool end_of_file_ = false;
    bool over_ = false;
};

}  // namespace rendezvous

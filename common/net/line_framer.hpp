// Bytes in, lines out.
#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace rendezvous {

// Cuts a stream of bytes into lines, in whatever pieces it comes, as the book's bufio.Scanner does:
// a line ends with LF, and one CR before it is dropped; what follows the last LF at the end of file
// is a line too.  A line of more than `max_line` bytes (a CR counts, the LF does not) ends it all.
class line_framer {
public:
    static constexpr std::size_t max_line = 65'535;  // bytes

    void feed(std::string_view bytes);
    void end_of_file() { end_of_file_ = true; }

    // The next line, without its end.  Nothing: feed it more, or it is `over()`.
    std::optional<std::string> next();

    // No line will come any more: the last one was taken after the end of file, or one is too long.
    bool over() const { return over_; }

private:
    std::string take(std::size_t length);

    std::string bytes_;
    std::size_t begin_ = 0;     // of the line that is next
    std::size_t searched_ = 0;  // there is no LF before this
    bool end_of_file_ = false;
    bool over_ = false;
};

}  // namespace rendezvous

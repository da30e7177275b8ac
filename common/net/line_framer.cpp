#include "common/net/line_framer.hpp"

#include <algorithm>

namespace rendezvous {

void line_framer::feed(std::string_view bytes) {
    bytes_.erase(0, begin_);  // lines that were taken; what is left is part of one line
    searched_ -= begin_;
    begin_ = 0;
    bytes_ += bytes;
}

std::optional<std::string> line_framer::next() {
    if (over_) return {};
    const auto newline = bytes_.find('\n', searched_);
    const bool whole = newline != std::string::npos;
    const auto length = (whole ? newline : bytes_.size()) - begin_;
    if (length > max_line) {
        over_ = true;
        return {};
    }
    if (whole) {
        auto line = take(length);
        begin_ = searched_ = newline + 1;
        return line;
    }
    searched_ = bytes_.size();
    if (!end_of_file_) return {};
    over_ = true;
    if (length == 0) return {};
    return take(length);
}

std::string line_framer::take(std::size_t length) {
    if (length > 0 && bytes_[begin_ + length - 1] == '\r') --length;
    return bytes_.substr(begin_, length);
}

}  // namespace rendezvous

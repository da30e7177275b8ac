#include "tests/harness/text.hpp"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstdio>
#include <utility>

namespace rendezvous::harness {

namespace {

// The number of bytes of the valid UTF-8 character at the front, 0 if there is none.  Overlong
// forms and surrogates are accepted; the terminal decides how to show them.
std::size_t character(std::string_view text) {
    auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    std::size_t length = byte(0) < 0x80   ? 1
                         : byte(0) < 0xc2 ? 0
                         : byte(0) < 0xe0 ? 2
                         : byte(0) < 0xf0 ? 3
                         : byte(0) < 0xf5 ? 4
                                          : 0;
    if (length > text.size()) return 0;
    for (std::size_t i = 1; i < length; ++i)
        if ((byte(i) & 0xc0) != 0x80) return 0;
    // U+0080 to U+009F are control characters too, of the 8-bit kind.
    if (length == 2 && byte(0) == 0xc2 && byte(1) < 0xa0) return 0;
    return length;
}

std::string escaped(std::string_view text) {
    std::string result;
    while (!text.empty()) {
        auto length = character(text);
        auto first = static_cast<unsigned char>(text[0]);
        if (length > 1 || (length == 1 && first >= 0x20 && first != 0x7f)) {
            result += text.substr(0, length);
        } else if (first == '\n' || first == '\r' || first == '\t' || first == '\0') {
            result += first == '\n' ? "\\n" : first == '\r' ? "\\r" : first == '\t' ? "\\t" : "\\0";
        } else {
            char hex[8];
            std::snprintf(hex, sizeof hex, "\\x%02x", first);
            result += hex;
        }
        text.remove_prefix(length ? length : 1);
    }
    return result;
}

}  // namespace

std::string readable(std::string_view text, std::size_t longest) {
    if (text.size() <= longest) return escaped(text);
    return escaped(text.substr(0, longest / 2)) + " ... " +
           escaped(text.substr(text.size() - longest / 4)) + " (" + counted(text.size(), "byte") +
           ")";
}

std::string sentence(std::string_view camel_case) {
    std::string result;
    for (char c : camel_case) {
        auto upper = std::isupper(static_cast<unsigned char>(c)) != 0;
        if (upper && !result.empty()) result += ' ';
        result += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
    return result;
}

std::string camel_case(std::string_view words) {
    std::string result;
    bool first = true;
    for (char c : words) {
        if (c != ' ')
            result += first ? static_cast<char>(std::toupper(static_cast<unsigned char>(c))) : c;
        first = c == ' ';
    }
    return result;
}

std::string counted(std::size_t n, std::string_view thing) {
    auto digits = std::to_string(n);
    for (auto at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, ",");
    return digits + " " + std::string(thing) + (n == 1 ? "" : "s");
}

std::string seconds(double s) {
    char text[32];
    if (s < 0.9995)  // at least 1 ms, because nothing takes no time
        std::snprintf(text, sizeof text, "%.0f ms", std::max(s * 1000, 1.0));
    else
        std::snprintf(text, sizeof text, "%.*f s", s < 9.95 && std::lround(s * 10) % 10 ? 1 : 0, s);
    return text;
}

std::string shell_words(const std::vector<std::string>& argv) {
    std::string result;
    for (const auto& word : argv) {
        if (!result.empty()) result += ' ';
        bool plain = !word.empty();
        for (char c : word)
            plain = plain && (std::isalnum(static_cast<unsigned char>(c)) ||
                              std::string_view("-_./:=,+@%{}").find(c) != std::string_view::npos);
        result += plain ? word : "'" + replace_all(word, "'", "'\\''") + "'";
    }
    return result;
}

std::vector<std::string> split_lines(std::string_view text) {
    std::vector<std::string> lines;
    while (!text.empty()) {
        auto end = text.find('\n');
        lines.emplace_back(text.substr(0, end));
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
    return lines;
}

std::string indented(std::string_view text, std::size_t columns) {
    std::string result;
    for (const auto& line : split_lines(text))
        result += (line.empty() ? "" : std::string(columns, ' ') + line) + '\n';
    return result;
}

namespace {

// How many bytes fit into so many columns.  A character of UTF-8 takes one column here; those that
// take two are rare enough in a test.
std::size_t bytes_that_fit(std::string_view text, std::size_t columns) {
    std::size_t at = 0, used = 0;
    for (; at < text.size(); ++at)
        if ((static_cast<unsigned char>(text[at]) & 0xc0) != 0x80 && ++used > columns) break;
    return at;
}

bool fits(std::string_view text, std::size_t columns) {
    return bytes_that_fit(text, columns) == text.size();
}

// A line that grows word by word, and the lines before it.
class paragraph {
public:
    paragraph(std::size_t columns, std::size_t margin, std::size_t hanging)
        : columns_(columns), margin_(margin), hanging_(hanging) {}

    void add(std::string_view word) {
        // Two spaces have an empty word between them, and a line does not begin with it.
        if (begun_ && fits(line_ + " " + std::string(word), width())) {
            line_ += " " + std::string(word);
            return;
        }
        if (begun_) {
            line_.erase(line_.find_last_not_of(' ') + 1);
            end_line();
        }
        if (word.empty() && !text_.empty()) return;
        while (!fits(word, width())) {
            auto part = bytes_that_fit(word, width());
            line_ = word.substr(0, part);
            word.remove_prefix(part);
            end_line();
        }
        line_ = word;
        begun_ = true;
    }

    std::string end() {
        if (begun_ || text_.empty()) end_line();
        return text_;
    }

private:
    std::size_t width() const { return columns_ > margin_ ? columns_ - margin_ : 1; }

    void end_line() {
        text_ += (line_.empty() ? "" : std::string(margin_, ' ') + line_) + '\n';
        line_.clear();
        begun_ = false;
        margin_ += std::exchange(hanging_, 0);
    }

    std::size_t columns_, margin_, hanging_;
    bool begun_ = false;
    std::string line_, text_;
};

}  // namespace

std::string wrapped(std::string_view text, std::size_t columns, std::size_t indent,
                    std::size_t hanging) {
    std::string result;
    for (const auto& line : split_lines(text)) {
        auto at = std::min(line.find_first_not_of(' '), line.size());
        paragraph words(columns, indent + at, hanging);
        while (at < line.size()) {
            auto end = std::min(line.find(' ', at), line.size());
            words.add(std::string_view(line).substr(at, end - at));
            at = end + 1;
        }
        result += words.end();
    }
    return result;
}

std::string wrapped_command(const std::string& program, const std::vector<std::string>& arguments,
                            std::size_t columns, std::size_t indent) {
    std::string text(indent, ' '), line = program;
    for (const auto& word : arguments) {
        auto next = shell_words({word});
        if (fits(line + " " + next + " \\", columns - indent)) {
            line += " " + next;
        } else {
            text += line + " \\\n" + std::string(indent, ' ');
            line = "  " + next;
        }
    }
    return text + line + '\n';
}

std::string capitalised(std::string text) {
    if (!text.empty())
        text[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(text[0])));
    return text;
}

std::string replace_all(std::string text, std::string_view from, std::string_view to) {
    for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
        text.replace(at, from.size(), to);
    return text;
}

}  // namespace rendezvous::harness

// What the class sees: prose, and windows side by side, in 80 columns.
#pragma once
#include <chrono>
#include <initializer_list>
#include <string>
#include <vector>

namespace rendezvous::demo {

// A line in a window.
struct cell {
    enum style {
        heard,    // came from the server
        typed,    // by the person at the keyboard
        remark,   // by the demo: "(nothing, for 1 s)"
        missing,  // by the demo, in place of a line that should have come
        title     // over the window
    };

    cell(std::string line = "", style s = heard) : text(std::move(line)), how(s) {}
    cell(const char* line) : text(line) {}

    std::string text;
    style how = heard;
};

inline cell typed(std::string text) { return {std::move(text), cell::typed}; }
inline cell remark(std::string text) { return {std::move(text), cell::remark}; }
inline cell missing(std::string text) { return {std::move(text), cell::missing}; }
inline cell title(std::string text) { return {std::move(text), cell::title}; }

// Thrown when standard output has no reader any more (`demo | head`).
struct audience_left {};

class screen {
public:
    // The pause comes after each row of the windows and each line of prose, for people to read
    // along. Nothing depends on it.
    screen(bool colour, std::chrono::duration<double> pause) : colour_(colour), pause_(pause) {}

    void heading(const std::string& text);
    void say(const std::string& text);  // a paragraph, broken into lines
    void print(const std::string& line, cell::style = cell::heard);
    void gap();  // an empty line, unless there is one already

    // Sets the widths of the windows in columns; together they must fit into 80.
    void windows(std::vector<std::size_t> widths) { widths_ = std::move(widths); }
    // One cell for each window: what happens in them at the same time.
    void row(std::initializer_list<cell> cells);

private:
    std::string painted(const std::string& text, cell::style) const;
    void put(const std::string& line);

    bool colour_;
    std::chrono::duration<double> pause_;
    std::vector<std::size_t> widths_;
    bool gap_ = true;
};

// The line as a window of this width can show it: without control characters, and cut if it is too
// long.
std::string fitted(const std::string& line, std::size_t width);

}  // namespace rendezvous::demo

// How the harness shows things to people.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace rendezvous::harness {

// A printable form of a line: control characters and invalid UTF-8 are escaped (\r, \x1b), and a
// long text is shortened in the middle, with its length.
std::string readable(std::string_view text, std::size_t longest = 50);

// NewcomerDoesNotSeeItsOwnArrival -> newcomer does not see its own arrival
std::string sentence(std::string_view camel_case);

// slow reader isolated -> SlowReaderIsolated
std::string camel_case(std::string_view words);

// 1 line, 2 lines
std::string counted(std::size_t n, std::string_view thing);

// 5 s, 250 ms; at least 1 ms
std::string seconds(double);

// The command as one would type it into a shell.
std::string shell_words(const std::vector<std::string>& argv);

// The same on several lines if it is too long for one.  It can be pasted into a shell: each line
// but the last ends with a backslash.
std::string wrapped_command(const std::string& program, const std::vector<std::string>& arguments,
                            std::size_t columns, std::size_t indent);

std::vector<std::string> split_lines(std::string_view text);
std::string indented(std::string_view text, std::size_t columns);

// Breaks lines that are longer than `columns` at spaces, and a word that is longer than a line
// anywhere.  `hanging` is the additional indent of all but the first line of each paragraph.
std::string wrapped(std::string_view text, std::size_t columns, std::size_t indent,
                    std::size_t hanging = 0);

std::string capitalised(std::string text);
std::string replace_all(std::string text, std::string_view from, std::string_view to);

}  // namespace rendezvous::harness

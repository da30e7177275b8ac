// A client that does not read: either the other clients wait, or the server's memory grows.
#include <cstdio>

#include "tests/demo/scenes.hpp"
#include "tests/harness/text.hpp"

namespace rendezvous::demo {

namespace {

using harness::counted;
using harness::seconds;
using clock = std::chrono::steady_clock;

double since(clock::time_point begin) {
    return std::chrono::duration<double>(clock::now() - begin).count();
}

std::string megabytes(double bytes) {
    char text[32];
    std::snprintf(text, sizeof text, "%.1f MB", bytes / 1e6);
    return text;
}

// The kernel buffers some megabytes for a client that does not read.
constexpr std::size_t more_than_any_kernel_keeps = 64 << 20;

constexpr std::size_t length = 4000;  // netcat takes such a line as one piece

// "17 bla bla bla ...", of that length: numbered, so that a dropped one is noticed.
std::string long_line(std::size_t number) {
    auto line = std::to_string(number) + " bla";
    while (line.size() + 4 <= length) line += " bla";
    line.resize(length, '.');
    return line;
}

cell dots() { return remark(":"); }

}  // namespace

void slow_reader_stalls_everyone(screen& out, house& h) {
    out.say(
        "The other clients should be served while one does not read. Here they are not: the third "
        "window stops its client with Ctrl-Z, and the first one goes on talking, in lines of 4,000 "
        "bytes.");
    // A sees two arrivals, B one, C none.
    out.windows({27, 27, 24});
    out.row({title("first window"), title("second window"), title("third window")});
    window a(h, "A");
    out.row({a.is_greeted()});
    window b(h, "B");
    auto you_are = b.is_greeted();
    out.row({a.sees(b.who() + " has arrived"), you_are});
    window c(h, "C");
    you_are = c.is_greeted();
    auto arrival = c.who() + " has arrived";
    out.row({a.sees(arrival), b.sees(arrival), you_are});
    out.row({"", "", typed("^Z")});
    c.presses_ctrl_z();

    auto line = [&](std::size_t number) { return a.who() + ": " + long_line(number); };
    std::size_t said = 0, heard_by_a = 0, heard_by_b = 0;
    auto hears = [&](window& one, std::size_t& heard) {
        auto came = one.next_line();
        if (came && *came != line(heard + 1))
            h.talk.fail_expecting(one.name(), harness::readable(line(heard + 1)),
                                  harness::readable(*came));
        heard += came ? 1 : 0;
        return came.has_value();
    };
    auto begin = clock::now();
    std::uint64_t worked = 0;
    for (bool somebody_hears = true; somebody_hears;) {
        ++said;
        if (said <= 2) out.row({typed(long_line(said))});
        a.types(long_line(said));
        somebody_hears = hears(a, heard_by_a);
        if (!somebody_hears) {
            begin = clock::now();
            worked = h.server.activity().processor_ns;
        }
        somebody_hears |= hears(b, heard_by_b);
        if (said <= 2) out.row({line(heard_by_a), line(heard_by_b)});
        if (said * length > more_than_any_kernel_keeps)
            h.talk.fail("A has sent " + megabytes(double(said * length)) +
                        ", and A and B have received it while C did not read: the server does "
                        "more than stage.json says.");
    }
    auto silent = since(begin);
    worked = h.server.activity().processor_ns - worked;
    out.row({dots(), dots()});
    out.row({typed(long_line(said - 1))});
    out.row({line(heard_by_a), line(heard_by_b)});
    out.row({typed(long_line(said))});
    auto nothing = missing("(nothing, for " + seconds(silent) + ")");
    out.row({nothing, nothing});
    auto bytes = (said - 1) * (line(1).size() + 1);
    out.say(
        "It took " + counted(said - 1, "line") + ", or " + megabytes(double(bytes)) +
        ", to fill the kernel's buffers on the way to the third window. Now the server waits for "
        "that window, and the other clients wait for the server: in " +
        seconds(silent) + " it has used " +
        (worked < 500'000 ? "less than 1 ms" : seconds(double(worked) / 1e9)) +
        " of processor time.");

    out.row({"", "", typed("$ fg")});
    begin = clock::now();
    c.types_fg();
    for (std::size_t i = 1; i <= said; ++i) c.sees(line(i));
    auto caught_up = since(begin);
    while (heard_by_a < said) a.sees(line(++heard_by_a));
    while (heard_by_b < said) b.sees(line(++heard_by_b));
    out.row({"", "", line(1)});
    out.row({"", "", dots()});
    out.row({line(said), line(said), line(said)});
    out.say(
        seconds(caught_up) + " after `fg` all " + counted(said, "line") +
        " are in the third window, in order, with none missing; and the last one has reached the "
        "other windows.");
}

void slow_reader_costs_memory(screen& out, house& h) {
    out.say(
        "Memory should stay flat while one client does not read. Here it does not: the second "
        "window stops its client with Ctrl-Z, and the first one goes on talking, in lines of 4,000 "
        "bytes.");
    out.windows({39, 39});
    out.row({title("first window"), title("second window")});
    window a(h, "A");
    out.row({a.is_greeted()});
    window b(h, "B");
    auto you_are = b.is_greeted();
    out.row({a.sees(b.who() + " has arrived"), you_are});
    out.row({"", typed("^Z")});
    b.presses_ctrl_z();

    constexpr std::size_t most = 15'000, at_a_time = 500;
    auto line = [&](std::size_t number) { return a.who() + ": " + long_line(number); };
    auto before = h.server.resident_bytes();
    for (std::size_t said = 0; said < most; said += at_a_time) {
        if (said == 0) out.row({typed(long_line(1))});
        std::string lines;
        for (std::size_t i = 1; i < at_a_time; ++i) lines += long_line(said + i) + "\n";
        a.types(lines + long_line(said + at_a_time));
        for (std::size_t i = 1; i <= at_a_time; ++i) a.sees(line(said + i));
        if (said == 0) out.row({line(1)});
    }
    out.row({dots()});
    out.row({typed(long_line(most))});
    out.row({line(most)});
    h.settle();
    auto after = h.server.resident_bytes();
    if (after < before + length * most / 4)
        h.talk.fail("The server's memory has stayed flat, at " + megabytes(double(after)) +
                    ", while B did not read: the server does more than stage.json says.");
    out.say(
        "The server has taken " + megabytes(double(after)) + " of memory for that, and had " +
        megabytes(double(before)) + " before: " + megabytes(double(length * most)) +
        " wait for the second window. A client that stays away for an hour can use up all memory.");

    out.row({"", typed("$ fg")});
    auto begin = clock::now();
    b.types_fg();
    for (std::size_t i = 1; i <= most; ++i) b.sees(line(i));
    auto caught_up = since(begin);
    out.row({"", line(1)});
    out.row({"", dots()});
    out.row({"", line(most)});
    out.say(seconds(caught_up) + " after `fg` all " + counted(most, "line") +
            " are in the second window, in order, with none missing.");
}

}  // namespace rendezvous::demo

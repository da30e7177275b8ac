// Lines that are dropped between two events that ought to be one.
#include <algorithm>

#include "tests/demo/scenes.hpp"
#include "tests/harness/text.hpp"

namespace rendezvous::demo {

namespace {

using lines = std::vector<std::string>;

// A few tries are enough, unless the server does more than its stage.json says.
constexpr int most_tries = 300;
constexpr auto longest = 30s;

constexpr const char* words[] = {"one", "two", "three"};

// A client without a window, which talks without end and does not read, until the server waits for
// it.  Whatever the other clients do waits as well, and all of it happens at once when this client
// reads again.  So a rare mistake shows up at the first or second try.
class dam {
public:
    dam(house& h, std::vector<window*> who_reads)
        : who_read_(std::move(who_reads)),
          client_(h.talk, "the dam", h.where, {.receive_buffer = 4096}) {
        client_.expect_greeting();
        client_.send_line("Hello.");
        client_.expect_line(client_.who() + ": Hello.");
        for (auto* one : who_read_) one->sees_all({client_.who() + ": Hello."});
        client_.stop_reading();
        fill();
    }

    // Reads until each of these lines has come.  The server still waits for it to read the rest.
    void open_for(lines wanted) {
        client_.read_again();
        sees_all(std::move(wanted));
    }
    void sees_all(lines wanted) {
        while (!wanted.empty()) std::erase(wanted, client_.read_line());
    }
    void leave() {
        client_.close();
        for (auto* one : who_read_) one->sees_all({client_.who() + " has left"});
    }
    void is_forgotten_by(const window* one) { std::erase(who_read_, one); }

    // The lines without those that this client sent.
    lines without_it(const lines& all) const {
        lines rest;
        for (const auto& line : all)
            if (line.compare(0, client_.who().size() + 1, client_.who() + ":") != 0)
                rest.push_back(line);
        return rest;
    }

private:
    void fill() {
        const std::string flood(60'000, '.');
        for (int i = 0; i < 400; ++i) {
            client_.send_line(flood);
            for (auto* one : who_read_)
                if (!one->next_line(20ms)) return;
        }
    }

    std::vector<window*> who_read_;
    harness::client client_;
};

const char* const about_the_dam =
    "This is rare, so a third client, which has no window, makes it likely: it talks and does not "
    "read, until the server waits for it. When it reads again, everything that has happened "
    "meanwhile arrives at once. (The lines of the third client are left out below.)";

// For each line of `all` whether `some` lacks it; the rest must be the same, in the same order.
std::vector<bool> missing_in(house& h, const window& whose, const lines& all, const lines& some) {
    std::vector<bool> result;
    auto at = some.begin();
    for (const auto& line : all) {
        result.push_back(at == some.end() || *at != line);
        if (!result.back()) ++at;
    }
    if (at != some.end())
        h.talk.fail_expecting(whose.name(), "what A sees, in the same order",
                              harness::readable(*at));
    return result;
}

bool any(const std::vector<bool>& missed) {
    return std::find(missed.begin(), missed.end(), true) != missed.end();
}

cell or_missing(const std::string& line, bool missed) {
    return missed ? missing("(missing)") : cell(line);
}

void say_when(screen& out, int number) {
    out.say(number == 1 ? "It happened at the first try:"
                        : "It happened at try " + std::to_string(number) + ":");
}

[[noreturn]] void not_seen(house& h, const std::string& who) {
    h.talk.fail(who +
                " has missed nothing, in all tries: the server does more than stage.json says.");
}

}  // namespace

void newcomer_misses_a_line(screen& out, house& h) {
    out.say(
        "A newcomer should receive every line that the others see after its arrival. Here it is "
        "announced by one event and enters by another, and a line can slip in between.");
    out.say(about_the_dam);
    window a(h, "A");
    a.is_greeted();
    harness::deadline limit(longest);
    for (int number = 1; number <= most_tries && !limit.passed(); ++number) {
        dam dam(h, {&a});
        window n(h, "N");
        auto you_are = n.is_greeted();
        for (auto* word : words) a.types(word);
        h.settle();
        auto three = a.who() + ": three", hello = n.who() + ": Hello.";
        dam.open_for({three});
        auto seen = a.sees_all({three});
        n.types("Hello.");  // once it hears itself, it has entered
        auto rest = a.sees_all({hello});
        seen.insert(seen.end(), rest.begin(), rest.end());
        auto seen_by_newcomer = n.sees_all({hello});
        dam.sees_all({hello});

        seen = dam.without_it(seen);
        auto arrival = std::find(seen.begin(), seen.end(), n.who() + " has arrived");
        if (arrival == seen.end()) h.talk.fail("A has not seen the arrival of N.");
        lines after(arrival + 1, seen.end());
        auto missed = missing_in(h, n, after, dam.without_it(seen_by_newcomer));
        if (any(missed)) {
            say_when(out, number);
            out.windows({39, 39});
            out.row({title("first window"), title("the newcomer's window")});
            out.row({"", typed("$ " + h.command())});
            out.row({"", you_are});
            for (auto* word : words) out.row({typed(word)});
            out.row({*arrival});
            for (std::size_t i = 0; i + 1 < after.size(); ++i)
                out.row({after[i], or_missing(after[i], missed[i])});
            out.row({"", typed("Hello.")});
            out.row({hello, hello});
            return;
        }
        dam.leave();
        n.presses_ctrl_c();
        a.sees_all({n.who() + " has left"});
    }
    not_seen(h, "A newcomer");
}

void leaver_misses_a_line(screen& out, house& h) {
    out.say(
        "A client that half-closes (Ctrl-D) should receive every line up to its leaving. Here it "
        "leaves by one event and is announced by another, and a line can slip in between. The "
        "third client helps once more.");
    window a(h, "A");
    a.is_greeted();
    harness::deadline limit(longest);
    for (int number = 1; number <= most_tries && !limit.passed(); ++number) {
        window l(h, "L");
        auto you_are = l.is_greeted();
        auto arrival = l.who() + " has arrived", leaving = l.who() + " has left";
        a.sees_all({arrival});
        dam dam(h, {&a, &l});
        l.presses_ctrl_d();
        h.settle();
        for (auto* word : words) a.types(word);
        h.settle();
        dam.open_for({a.who() + ": three", leaving});
        auto seen = a.sees_all({a.who() + ": three", leaving});
        auto seen_by_leaver = l.sees_until_end();

        seen = dam.without_it(seen);
        lines before(seen.begin(), std::find(seen.begin(), seen.end(), leaving));
        auto missed = missing_in(h, l, before, dam.without_it(seen_by_leaver));
        if (any(missed)) {
            say_when(out, number);
            out.windows({39, 39});
            out.row({title("first window"), title("the leaver's window")});
            out.row({"", typed("$ " + h.command())});
            out.row({arrival, you_are});
            out.row({"", typed("^D")});
            for (auto* word : words) out.row({typed(word)});
            for (std::size_t i = 0; i < before.size(); ++i)
                out.row({before[i], or_missing(before[i], missed[i])});
            out.row({leaving, typed("$")});
            for (auto i = before.size() + 1; i < seen.size(); ++i) out.row({seen[i]});
            return;
        }
        dam.is_forgotten_by(&l);
        dam.leave();
    }
    not_seen(h, "A leaver");
}

void last_line_is_lost(screen& out, house& h) {
    out.say(
        "A client that half-closes should receive everything that it sent before, and then end of "
        "file. Here the server may close the connection while it still has lines to write.");
    harness::deadline limit(longest);
    for (int number = 1; number <= most_tries && !limit.passed(); ++number) {
        window a(h, "A");
        auto you_are = a.is_greeted();
        for (auto* word : words) a.types(word);
        a.presses_ctrl_d();
        lines said;
        for (auto* word : words) said.push_back(a.who() + ": " + word);
        auto missed = missing_in(h, a, said, a.sees_until_end());
        if (any(missed)) {
            say_when(out, number);
            out.windows({39});
            out.row({typed("$ " + h.command())});
            out.row({you_are});
            for (auto* word : words) out.row({typed(word)});
            out.row({typed("^D")});
            for (std::size_t i = 0; i < said.size(); ++i) out.row({or_missing(said[i], missed[i])});
            out.row({typed("$")});
            return;
        }
    }
    not_seen(h, "A client that half-closed");
}

}  // namespace rendezvous::demo

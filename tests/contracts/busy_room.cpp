#include "tests/contracts/busy_room.hpp"

#include <algorithm>

namespace rendezvous::contracts {

namespace {

std::string member_name(const crowd::member& one) { return "client " + std::to_string(one.number); }

}  // namespace

busy_room::busy_room(conversation& talk, const address& server, crowd::keeps keeps)
    : talk_(&talk), crowd_(talk, server, keeps) {
    crowd_.on_line = [this](member& one, std::string_view line) { hear(one, line); };
}

crowd::member& busy_room::add(int lines, farewell how, int at_once, std::size_t padding) {
    speakers_.push_back({lines, at_once, 0, 0, how, std::string(padding, '.'), false});
    ++talkers_;
    return crowd_.add();
}

crowd::member& busy_room::add_silent() {
    speakers_.push_back({0, 0, 0, 0, farewell::none, "", true});
    return crowd_.add();
}

crowd::member& busy_room::add_sloth(int receive_buffer) {
    speakers_.push_back({0, 0, 0, 0, farewell::none, "", true});
    return crowd_.add({.receive_buffer = receive_buffer});
}

std::string busy_room::text(const member& one, int line) const {
    return std::to_string(one.number) + "." + std::to_string(line) + speakers_[one.number].padding;
}

void busy_room::introduce() {
    for (const auto& one : members())
        if (!one.who.empty()) talk_->introduce(member_name(one), one.who);
}

void busy_room::catch_up(member& one) {
    crowd_.send_line(one, "The end");
    crowd_.until("the witness receives its own last line", [&, last = one.who + ": The end"] {
        return std::find(one.lines.rbegin(), one.lines.rend(), last) != one.lines.rend();
    });
}

void busy_room::hush() {
    for (auto& one : members()) {
        auto& speaker = speakers_[one.number];
        speaker.lines = std::min(speaker.lines, speaker.said);
        if (!speaker.finished && speaker.heard >= speaker.lines) finish(one);
    }
}

void busy_room::go_on(member& one) {
    auto& speaker = speakers_[one.number];
    std::string bytes;
    auto ahead = std::min(speaker.lines, speaker.heard + speaker.at_once) - speaker.said;
    if (ahead > 0) bytes.reserve(static_cast<std::size_t>(ahead) * (speaker.padding.size() + 20));
    for (; ahead > 0; --ahead) bytes.append(text(one, speaker.said++)) += '\n';
    if (!bytes.empty()) crowd_.send(one, bytes);
}

void busy_room::hear(member& one, std::string_view line) {
    auto& speaker = speakers_[one.number];
    if (speaker.finished) return;
    bool greeting = one.received == 1;
    bool own = line.size() > one.who.size() && line[one.who.size()] == ':' &&
               line.compare(0, one.who.size(), one.who) == 0;
    if (own) ++speaker.heard;
    if (own || greeting) go_on(one);
    if (speaker.heard >= speaker.lines) finish(one);
}

void busy_room::finish(member& one) {
    auto& speaker = speakers_[one.number];
    speaker.finished = true;
    ++finished_;
    if (speaker.how == farewell::none) return;
    gone_.push_back(static_cast<int>(one.number));
    if (speaker.how == farewell::half_close) {
        crowd_.half_close(one);
    } else {
        // The client vanishes in the middle of a line.  Whether the server receives any of these
        // lines depends on the kernel.
        std::string bytes;
        for (int i = 0; i < 5; ++i) bytes += text(one, speaker.said++) + "\n";
        crowd_.send(one, bytes + "half a li");
        crowd_.reset(one);
    }
    if (on_leaving) on_leaving(one);
}

namespace {

// `12.3...` -> member 12, line 3; nothing for any other line.
struct spoken {
    std::size_t member;
    int line;
};
std::optional<spoken> parse(std::string_view line) {
    auto colon = line.find(": ");
    if (colon == std::string_view::npos) return {};
    auto text = line.substr(colon + 2);
    std::size_t at = 0;
    auto number = [&]() -> std::optional<std::size_t> {
        std::size_t n = 0, digits = 0;
        for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at, ++digits)
            n = n * 10 + static_cast<std::size_t>(text[at] - '0');
        return digits ? std::optional(n) : std::nullopt;
    };
    auto member = number();
    if (!member || at >= text.size() || text[at++] != '.') return {};
    auto which = number();
    if (!which) return {};
    return spoken{*member, static_cast<int>(*which)};
}

}  // namespace

std::string find_disorder(busy_room& room, const crowd::member& witness) {
    std::map<std::string, std::size_t> place;  // of each spoken line at the witness
    for (std::size_t i = 0; i < witness.lines.size(); ++i)
        if (parse(witness.lines[i])) place.emplace(witness.lines[i], i);

    for (const auto& one : room.members()) {
        std::map<std::size_t, int> last;  // line of each sender
        const std::string* before = nullptr;
        std::size_t at = 0;
        for (const auto& line : one.lines) {
            auto what = parse(line);
            if (!what) continue;
            if (auto [known, is_new] = last.emplace(what->member, what->line); !is_new) {
                if (what->line < known->second)
                    return member_name(one) + " received line " + std::to_string(what->line) +
                           " of client " + std::to_string(what->member) + " after its line " +
                           std::to_string(known->second) +
                           ": the lines of one sender must arrive in "
                           "the order in which they were sent.";
                known->second = what->line;
            }
            auto found = place.find(line);
            if (found == place.end()) continue;
            if (before && found->second < at)
                return member_name(one) + " received `" + *before + "` before `" + line +
                       "`, and " + member_name(witness) +
                       " received them the other way round: any two receivers must receive lines "
                       "in the same order.";
            before = &line;
            at = found->second;
        }
    }
    return "";
}

std::string find_loss_or_double(busy_room& room, const crowd::member& witness) {
    // First the witness itself: it must have received, once, every line that the server certainly
    // received.
    std::map<std::string, int> times;
    for (const auto& line : witness.lines) ++times[line];
    std::map<std::string, int> same_port;  // a port may be used again by a later client
    for (const auto& one : room.members())
        if (one.number != witness.number && one.received) ++same_port[one.who];

    auto expect = [&](const std::string& line, int n) -> std::string {
        auto found = times.find(line);
        int came = found == times.end() ? 0 : found->second;
        if (came == n) return "";
        return member_name(witness) + ", which was connected all the time, received `" + line +
               "` " + counted(static_cast<std::size_t>(came), "time") + " instead of " +
               std::to_string(n) + ".";
    };
    for (const auto& [who, n] : same_port) {
        if (auto wrong = expect(who + " has arrived", n); !wrong.empty()) return wrong;
        int left = 0;
        for (int gone : room.gone())
            if (room.members()[static_cast<std::size_t>(gone)].who == who) ++left;
        if (auto wrong = expect(who + " has left", left); !wrong.empty()) return wrong;
    }
    for (const auto& one : room.members())
        for (int i = 0; i < room.heard_own(one); ++i)
            if (auto wrong = expect(room.line(one, i), 1); !wrong.empty()) return wrong;

    // Then every other client: around its own first line, it must have received the same lines as
    // the witness, none missing and none twice.
    for (const auto& one : room.members()) {
        if (one.number == witness.number || !room.heard_own(one)) continue;
        std::vector<std::string> lines(one.lines.begin() + 1, one.lines.end());
        auto own = std::find(lines.begin(), lines.end(), room.line(one, 0));
        auto anchor = std::find(witness.lines.begin(), witness.lines.end(), room.line(one, 0));
        if (own == lines.end() || anchor == witness.lines.end()) continue;  // reported above
        auto before = own - lines.begin();
        if (anchor - witness.lines.begin() < before)
            return member_name(one) + " received more lines before its own first one than " +
                   member_name(witness) + ", which was connected all the time.";
        auto there = anchor - before;
        for (std::size_t i = 0; i < lines.size(); ++i, ++there) {
            if (there != witness.lines.end() && *there == lines[i]) continue;
            auto expected = there == witness.lines.end() ? "nothing" : "`" + *there + "`";
            auto previous = i ? "after `" + lines[i - 1] + "` " : "";
            return member_name(one) + " received " + previous + "`" + lines[i] + "`, where " +
                   member_name(witness) + " received " + expected +
                   ": one of the two lacks a line, or has one twice.";
        }
    }
    return "";
}

}  // namespace rendezvous::contracts

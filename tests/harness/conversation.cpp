#include "tests/harness/conversation.hpp"

#include <sys/wait.h>

#include <algorithm>
#include <cctype>
#include <csignal>

#include "tests/harness/last_words.hpp"
#include "tests/harness/process.hpp"
#include "tests/harness/settings.hpp"
#include "tests/harness/text.hpp"

namespace rendezvous::harness {

namespace {

constexpr std::size_t remembered = 1000;

// The width of a report, before the narrator indents it.
std::size_t report_columns() { return current_settings().columns - 10; }

std::string padded(std::string text, std::size_t width) {
    text.resize(std::max(text.size(), width), ' ');
    return text;
}

// The last lines, because a traceback is at the end.  A line that is repeated is shown once.
std::string newest_lines(const std::string& text, std::size_t most) {
    auto lines = split_lines(text);
    lines.erase(std::unique(lines.begin(), lines.end()), lines.end());
    std::string result;
    auto from = lines.size() > most ? lines.size() - most : 0;
    if (from) result += "... (" + counted(from, "earlier line") + ")\n";
    for (auto i = from; i < lines.size(); ++i) result += readable(lines[i], 200) + "\n";
    return result;
}

bool is_notice(const std::string& line) {
    for (std::string_view end : {" has arrived", " has left"})
        if (line.size() > end.size() &&
            line.compare(line.size() - end.size(), end.size(), end) == 0)
            return true;
    return false;
}

}  // namespace

void conversation::introduce(const std::string& name, const std::string& address) {
    for (auto& [known, as] : names_)
        if (known == address) {
            as = name;
            return;
        }
    names_.emplace_back(address, name);
}

void conversation::start_over() {
    events_.clear();
    names_.clear();
    forgotten_ = 0;
}

void conversation::in_short(const std::string& who, const std::string& what) {
    events_.clear();
    forgotten_ = 0;
    does(who, what);
}

void conversation::sends(const std::string& who, std::string_view line) {
    log(who, "->", readable(line));
}
void conversation::receives(const std::string& who, std::string_view line) {
    log(who, "<-", readable(line));
}
void conversation::does(const std::string& who, const std::string& what) { log(who, "  ", what); }

void conversation::log(const std::string& who, const std::string& mark, const std::string& text) {
    if (!events_.empty() && events_.back().who == who && events_.back().mark == mark &&
        events_.back().text == text) {
        ++events_.back().times;
        return;
    }
    events_.push_back({who, mark, text});
    if (events_.size() > remembered) {
        events_.pop_front();
        ++forgotten_;
    }
}

std::string conversation::named(std::string text) const {
    for (const auto& [address, name] : names_) {
        for (auto at = text.find(address); at != std::string::npos;) {
            auto end = at + address.size();
            // 127.0.0.1:4031 is not the beginning of 127.0.0.1:40312.
            if (end < text.size() && std::isdigit(static_cast<unsigned char>(text[end]))) {
                at = text.find(address, end);
            } else {
                text.replace(at, address.size(), name);
                at = text.find(address, at + name.size());
            }
        }
    }
    return text;
}

std::string conversation::str(std::size_t newest) const {
    auto from = events_.size() > newest ? events_.size() - newest : 0;
    std::size_t width = 0;
    for (auto i = from; i < events_.size(); ++i) width = std::max(width, events_[i].who.size());

    std::string result;
    if (from + forgotten_) result += "... (" + counted(from + forgotten_, "earlier event") + ")\n";
    for (auto i = from; i < events_.size(); ++i) {
        const auto& one = events_[i];
        auto speaker = padded(one.who, width) + " " + one.mark + " ";
        auto text = named(one.text);
        if (one.times > 1) text += "  (" + counted(one.times, "time") + ")";
        result += wrapped(speaker + text, report_columns() - 4, 0, speaker.size());
    }
    return result;
}

std::string conversation::report(const std::string& headline) const {
    auto result = named(headline);
    while (!result.empty() && result.back() == '\n') result.pop_back();
    result += '\n';
    auto log = str();
    if (!log.empty()) result += "\n" + indented(log, 4);

    // Only names that occur in the log need an introduction.
    std::string legend;
    for (std::size_t i = 0; i < names_.size(); ++i) {
        const auto& address = names_[i].first;
        const auto& name = names_[i].second;
        bool newest =
            std::none_of(names_.begin() + static_cast<std::ptrdiff_t>(i) + 1, names_.end(),
                         [&](const auto& later) { return later.second == name; });
        if (newest && log.find(name) != std::string::npos)
            legend += (legend.empty() ? "" : ", ") + name + " is " + address;
    }
    if (!log.empty()) {
        if (!legend.empty()) legend += ".\n";
        result += "\n" + wrapped(legend + "-> is sent to the server, <- comes from it.",
                                 report_columns(), 4);
    }

    if (server_) {
        if (auto status = server_->wait(deadline(waited_ ? 0ms : 200ms)))
            result += std::string("\nThe server has ended") +
                      (told_to_end_ ? ", as it was told to: " : ": ") + describe_status(*status) +
                      ".\n";
        if (auto complaint = newest_lines(server_->err(), 20); !complaint.empty())
            result += "\nThe server wrote on standard error:\n" + indented(named(complaint), 4);
    }
    if (!threads_.empty())
        result += "\nWhat the server's threads were doing:\n" + indented(threads_, 4);
    if (!look_first_.empty())
        result += "\n" + wrapped("Look first at " + look_first_, report_columns(), 0);
    return result;
}

void conversation::fail(const std::string& headline) {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    const char* file = test ? test->file() : nullptr;
    int line = test ? test->line() : -1;
    auto text = report(headline);
    if (!quiet_) ADD_FAILURE_AT(file ? file : "", line) << text;
    throw mismatch(named(headline), text,
                   testing::TestPartResult(testing::TestPartResult::kNonFatalFailure, file, line,
                                           text.c_str()));
}

void conversation::fail_client(const std::string& headline) {
    // The end of a process becomes visible shortly after the end of its connections.
    auto status = server_ ? server_->wait(deadline(200ms)) : std::nullopt;
    waited_ = true;
    if (status) fail_end(*status, headline);
    const auto words = server_ ? last_words_of(server_->err(), {}) : std::nullopt;
    if (!words) fail(headline);
    look_first_at(words->advice);
    fail(headline + "  The server reported " + words->str() + ".");
}

void conversation::fail_end(int status, const std::string& headline) {
    const auto words = last_words_of(server_->err(), status);
    look_first_at(words ? words->advice
                        : "why the server ended: what it wrote on standard error, if anything.");
    if (!words) fail("The server ended (" + describe_status(status) + "): " + headline);
    const auto ended = "The server " +
                       std::string(words->is_signal ? "was killed by " : "ended with ") +
                       words->str();
    if (words->text.empty()) fail(ended + ": " + headline);
    // Names of clients are not capitalized.
    const bool begins_with_name = std::any_of(names_.begin(), names_.end(), [&](const auto& one) {
        return headline.compare(0, one.second.size(), one.second) == 0;
    });
    fail(ended + ".  " + (begins_with_name ? headline : capitalised(headline)));
}

void conversation::show_threads() {
    if (server_) threads_ = server_->what_threads_do();
}

void conversation::fail_to_connect(const std::string& why) {
    look_first_at(
        "where and when the server listens: it must listen on the address and port that it prints, "
        "before it prints them, and until it exits.");
    fail_client(why + ".");
}

void conversation::fail_silence(const std::string& who, const std::string& before,
                                const std::string& came, const std::vector<std::string>& after_it) {
    fail_otherwise(who, "no line before `" + before + "`", "came `" + came + "`" + again(who, came),
                   after_it);
}

// ` again` after a notice that this client must receive only once.
std::string conversation::again(const std::string& who, const std::string& came) const {
    return is_notice(came) && has_received(who, came) ? " again" : "";
}

void conversation::fail_expecting(const std::string& who, const std::string& expected,
                                  const std::string& came,
                                  const std::vector<std::string>& after_it) {
    if (named(came) == who + " has arrived")
        look_first_at(
            "the order of two steps in a client's task: first it announces the arrival, and then "
            "the client enters.  If the announcement waits in a buffer, entering overtakes it.");
    fail_otherwise(who, "`" + expected + "`", "came `" + came + "`" + again(who, came), after_it);
}

void conversation::fail_otherwise(const std::string& who, const std::string& expected,
                                  const std::string& happened,
                                  const std::vector<std::string>& after_it) {
    log(who, "!!", "expected " + expected);
    log(who, "!!", "but " + happened);
    for (const auto& line : after_it) log(who, "!!", "and then `" + line + "`");
    hint_at(who, named(expected), named(happened));
    fail_client(who + " expected " + expected + ", but " + happened + ".");
}

bool conversation::has_received(const std::string& who, const std::string& line) const {
    return std::any_of(events_.begin(), events_.end(), [&](const event& one) {
        return one.who == who && one.mark == "<-" && one.text == line;
    });
}

// Some lines come from one place in a server only, whatever test waits for them.  Some mistakes can
// be recognized by what arrives instead.
void conversation::hint_at(const std::string& who, const std::string& expected,
                           const std::string& happened) {
    auto ends = [](std::string_view text, std::string_view with) {
        return text.size() >= with.size() && text.substr(text.size() - with.size()) == with;
    };
    if (expected.find("`You are ") == 0)
        return look_first_at(
            "the first thing that a client's task does: it must tell the client its own address, "
            "before anything else can reach the client.");
    if (ends(expected, " has arrived`"))
        return look_first_at(
            "the beginning of a client's task: it must announce the arrival to all connected "
            "clients before the new one enters.");
    if (particular_) return;

    // `alice: Hi!` -> alice, Hi!
    auto colon = expected.find(": ");
    bool is_line = expected[0] == '`' && colon != std::string::npos;
    auto speaker = is_line ? expected.substr(1, colon - 1) : "";
    auto text = is_line ? expected.substr(colon + 2, expected.size() - colon - 3) : "";

    if (ends(happened, " has left` again"))
        look_first_at(
            "the end of a client's task: it must announce that the client has left, and only once, "
            "whether reading or writing ends first.");
    else if (ends(expected, " has left`"))
        look_first_at(
            "the end of a client's task, however it comes about (end of file, a reset, a line "
            "that is too long): it must announce that the client has left, once, after the "
            "client's last line.");
    else if (expected == "the end of the connection")
        look_first_at(
            "what closes a client's connection, and when: the server must close it once the client "
            "has half-closed and everything for it has been written.");
    else if (is_line && happened == "came `" + speaker + " has left`")
        look_first_at(
            "the end of a client's task: it must pass on all lines of the client before it "
            "announces that the client has left, and what follows the last newline is a line too.");
    else if (is_line && happened == "came `" + text + "`")
        look_first_at(
            "how a line is put together: the address of its sender, a colon, a space, and the "
            "text.");
    else if (is_line && happened == "came " + expected.substr(0, expected.size() - 1) + "\\r`")
        look_first_at(
            "where a line ends: a carriage return before the newline belongs to the end of the "
            "line, as in \\r\\n, and not to its text.");
    else if (is_line && speaker == who && happened.find("nothing came") == 0)
        look_first_at(
            "which clients a line goes to: to every connected client, and that includes its "
            "sender.");
}

}  // namespace rendezvous::harness

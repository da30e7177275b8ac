#include "tests/harness/first_contact.hpp"

#include <algorithm>
#include <memory>

#include "tests/harness/client.hpp"
#include "tests/harness/conversation.hpp"
#include "tests/harness/server_process.hpp"
#include "tests/harness/text.hpp"

namespace rendezvous::harness {

namespace {

constexpr std::size_t lines_of_report = 19;

// Keeps the beginning (what was expected) and the end (what to look at first).
std::string on_one_screen(const std::string& report) {
    auto lines = split_lines(wrapped(report, current_settings().columns, 2));
    if (lines.size() > lines_of_report) {
        const auto first = lines.begin() + lines_of_report / 2;
        const auto last = lines.end() - (lines_of_report - lines_of_report / 2 - 1);
        *first = "  ...";
        lines.erase(first + 1, last);
    }
    std::string text;
    for (const auto& line : lines) text += line + "\n";
    return text;
}

failed_contact failure(const std::string& report, int status) {
    return {"The first contact with the server failed, so nothing else was tried.\n\n" +
                on_one_screen(report) +
                "\nTo run all tests in spite of this, add --keep-going before the `--`.\n",
            status};
}

void talk_to(client& alice, kind what) {
    if (what == kind::chat) alice.expect_greeting();
    alice.send_line("Hello!");
    alice.expect_line(what == kind::chat ? alice.who() + ": Hello!" : "Hello!");
}

}  // namespace

std::optional<failed_contact> first_contact(const settings& how) {
    conversation talk;
    talk.keep_to_yourself(true);
    try {
        server_process server(how);
        talk.watch(&server.program());
        client alice(talk, "alice", server.where());
        talk_to(alice, how.server_kind());
        return {};
    } catch (const start_error& why) {
        return failure(why.what(), exit_status::not_judged);
    } catch (const setup_error& why) {
        return failure(why.what(), exit_status::does_not_hold);
    } catch (const mismatch& why) {
        return failure(why.report(), exit_status::does_not_hold);
    }
}

bool names_one_test(const std::string& filter) {
    return filter.substr(0, filter.find('-')).find_first_of("*?:") == std::string::npos;
}

}  // namespace rendezvous::harness

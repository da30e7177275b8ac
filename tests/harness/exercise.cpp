#include "tests/harness/exercise.hpp"

#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <iostream>
#include <utility>

#include "tests/harness/terminal.hpp"
#include "tests/harness/text.hpp"

namespace rendezvous::harness {

namespace {

constexpr std::size_t margin = 11;  // as wide as "  not yet  "
constexpr std::size_t lines_of_talk = 4;

// The report fits 80 columns, and narrower screens.
std::size_t columns() { return std::min<std::size_t>(80, current_settings().columns); }

std::string what_of(const result& one) {
    const auto* known = capability_of_suite(one.suite);
    return known ? known->name : sentence(one.name);
}

std::string hint_for(const result& one) {
    auto hint = hint_of(one);
    const auto* known = capability_of_suite(one.suite);
    return hint.empty() && known ? "Look first at " + known->look_at : hint;
}

std::string end_of(const std::vector<std::string>& lines) {
    std::string text;
    for (auto i = lines.size() - std::min(lines.size(), lines_of_talk); i < lines.size(); ++i) {
        const auto& line = lines[i];
        text += (line.size() > columns() ? line.substr(0, columns() - 3) + "..." : line) + "\n";
    }
    return text;
}

// The end of the conversation, which says what was expected and what came, or nothing if the
// failure is only a sentence.  If the server has ended, also the end of its standard error.
std::string talk_of(const result& one) {
    std::vector<std::string> talk, complaint;
    bool is_over = false, has_ended = false;
    for (const auto& line : split_lines(one.message)) {
        is_over = is_over || (line.empty() && !talk.empty());
        has_ended = has_ended || line.rfind("The server has ended: ", 0) == 0;
        if (line.size() <= 4 || line.rfind("    ", 0) != 0) continue;
        if (has_ended)
            complaint.push_back(line);
        else if (!is_over)
            talk.push_back(line);
    }
    std::string text;
    if (!talk.empty()) text += "\n" + end_of(talk) + "\n";
    if (!complaint.empty())
        text += "  The server wrote on standard error:\n" + end_of(complaint) + "\n";
    return text;
}

// One row for each capability or test, with its first failure.
struct row {
    std::string what;
    const result* failed = nullptr;
    bool missing = false;
};
std::vector<row> rows_of(const std::vector<result>& results) {
    std::vector<row> rows;
    for (const auto& one : results) {
        if (one.how == result::skipped) continue;
        auto what = what_of(one);
        auto found = std::find_if(rows.begin(), rows.end(),
                                  [&](const auto& row) { return row.what == what; });
        if (found == rows.end()) found = rows.insert(rows.end(), {what});
        if (one.how == result::failed && !found->failed) found->failed = &one;
        if (one.verdict == "as missing") found->missing = true;
    }
    return rows;
}

bool all_hold(const std::vector<result>& results) {
    return std::none_of(results.begin(), results.end(),
                        [](const auto& one) { return one.how == result::failed; });
}

// Shows the first failure with its conversation and its hint.  The others mostly fail for the same
// reason, and next to a conversation there is room only for their names.
std::string failures(const std::string& mark, const std::vector<row>& rows) {
    std::string text, talk, hint;
    bool first = true;
    for (const auto& row : rows) {
        if (!row.failed) continue;
        text += "  " + mark + "  " + row.what + "\n";
        if (talk.empty()) text += wrapped(headline_of(*row.failed), columns(), margin);
        if (!std::exchange(first, false)) continue;
        text += talk = talk_of(*row.failed);
        hint = hint_for(*row.failed);
    }
    if (hint.empty()) return text;
    return text + (text.ends_with("\n\n") ? "" : "\n") + wrapped(hint, columns(), 2);
}

// 09-fiber-select -> 09
std::string title(const settings& how) {
    return how.stage->folder.substr(0, how.stage->folder.find('-')) + " " + how.task->name;
}

}  // namespace

part part_of(const settings& how, const std::string& suite, const std::string& test) {
    const auto& tests = how.task->tests;
    if (!tests.empty() && (tests == suite || tests == suite + "." + test)) return part::goal;
    const auto* known = capability_of_suite(suite);
    if (how.server_kind() == kind::client) return part::others;  // it has no contracts
    if (!known || !known->applies_to(how.server_kind())) return part::neither;
    auto change = how.task->capabilities.find(known->name);
    bool is_asked = change != how.task->capabilities.end() && change->second != promise::either;
    return is_asked ? part::goal : part::others;
}

std::string exercise_report(const settings& how, const std::vector<result>& goal,
                            const std::vector<result>& others, bool in_color) {
    const auto asked = rows_of(goal), rest = rows_of(others);
    const bool solved = all_hold(goal), harmless = all_hold(others);
    std::string text = title(how) + ": ";
    if (!solved)
        text += painted(in_color, color::red, "not yet.");
    else if (!harmless)
        text += painted(in_color, color::red, "it holds, but something else no longer does.");
    else
        text += painted(in_color, color::green, "solved.");
    text += "\n\n" + wrapped("Asked: " + how.task->asks, columns(), 2) + "\n";

    for (const auto& row : asked)
        if (!row.failed)
            text += "  " + painted(in_color, color::green, "holds  ") + "  " + row.what + "\n";
    text += failures(painted(in_color, color::red, "not yet"), asked) + "\n";
    if (!harmless) text += failures(painted(in_color, color::red, "broken "), rest) + "\n";

    std::string same, allowed;
    for (const auto& row : rest) {
        if (row.failed) continue;
        auto& list = how.task->capabilities.count(row.what) ? allowed : same;
        list += (list.empty() ? "" : ", ") + row.what + (row.missing ? " (missing)" : "");
    }
    if (!same.empty()) text += wrapped("Unchanged: " + same + ".", columns(), 2);
    if (!allowed.empty()) text += wrapped("Left open by the task: " + allowed + ".", columns(), 2);
    if (rest.empty()) text += wrapped("The other tests run once this holds.", columns(), 2);
    return text;
}

namespace {

// Shows the test that is running, in one line of a terminal.
class ticker : public recorder {
public:
    void OnTestStart(const testing::TestInfo& test) override {
        recorder::OnTestStart(test);
        if (!terminal_) return;
        result one{test.test_suite_name(), test.name()};
        const auto* known = capability_of_suite(one.suite);
        auto what = (known ? known->name + ": " : "") + sentence(one.name);
        std::cerr << "\r\x1b[K" << what.substr(0, columns() - 1) << std::flush;
    }
    void OnTestIterationEnd(const testing::UnitTest&, int) override {
        if (terminal_) std::cerr << "\r\x1b[K" << std::flush;
    }

private:
    bool terminal_ = understands_escapes(STDERR_FILENO);
};

std::string filter_for(const settings& how, part which) {
    std::string filter;
    const auto& all = *testing::UnitTest::GetInstance();
    for (int i = 0; i < all.total_test_suite_count(); ++i) {
        const auto& suite = *all.GetTestSuite(i);
        for (int k = 0; k < suite.total_test_count(); ++k) {
            const char* test = suite.GetTestInfo(k)->name();
            if (part_of(how, suite.name(), test) == which)
                filter += std::string(suite.name()) + "." + test + ":";
        }
    }
    return filter;
}

}  // namespace

int check_exercise(settings& how, const check_options& options, std::ostream& out) {
    const auto asked = filter_for(how, part::goal);
    if (asked.empty())
        throw setup_error("the exercise \"" + how.task->name + "\" is decided by \"" +
                          how.task->tests + "\", and this program has no such test");
    std::ofstream log(options.log.empty() ? "/dev/null" : options.log);
    auto* results = new ticker;
    auto& listeners = testing::UnitTest::GetInstance()->listeners();
    listeners.Append(new narrator(log, false));
    listeners.Append(results);

    GTEST_FLAG_SET(filter, asked);
    bool fails = RUN_ALL_TESTS() != 0;
    const auto goal = results->results();
    require_judgement(goal);
    std::vector<result> others;
    if (!fails || options.all) {
        // An exercise seldom breaks these tests, and a learner runs the check often, so each test
        // makes fewer attempts.
        how.rounds *= 0.3;
        if (!how.crowd) how.crowd = 250;
        how.passed_over = how.task->adds;
        GTEST_FLAG_SET(filter, filter_for(how, part::others));
        fails = RUN_ALL_TESTS() != 0 || fails;
        others.assign(results->results().begin() + static_cast<std::ptrdiff_t>(goal.size()),
                      results->results().end());
        if (!GTEST_FLAG_GET(filter).empty()) require_judgement(others);
    }
    out << exercise_report(how, goal, others, options.in_color) << std::flush;
    return fails ? exit_status::does_not_hold : exit_status::as_promised;
}

}  // namespace rendezvous::harness

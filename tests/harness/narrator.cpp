#include "tests/harness/narrator.hpp"

#include <algorithm>
#include <functional>
#include <regex>
#include <utility>

#include "tests/harness/text.hpp"

namespace rendezvous::harness {

namespace {

enum colours { red = 31, green = 32, yellow = 33, bold = 1 };

std::string painted(bool colour, colours with, const std::string& text) {
    if (!colour) return text;
    return "\x1b[" + std::to_string(static_cast<int>(with)) + "m" + text + "\x1b[0m";
}

std::string subject(const std::string& suite) {
    const auto* known = capability_of_suite(suite);
    return known ? known->name : sentence(suite);
}

std::string first_line(const std::string& text) { return text.substr(0, text.find("\n\n")); }

// The command that runs this test, and nothing else.
std::string again(const settings& how, const result& test) {
    std::vector<std::string> words{how.program};
    if (!how.stage_path.empty()) words.insert(words.end(), {"--stage", how.stage_path});
    if (how.foreign) words.push_back("--foreign");
    if (how.strict) words.push_back("--strict");
    words.push_back("--gtest_filter=" + test.suite + "." + test.name);
    if (!how.command.empty()) words.push_back("--");
    words.insert(words.end(), how.command.begin(), how.command.end());
    return shell_words(words);
}

// Without what is different each time and does not matter: ports, who cannot connect, and what was
// to be observed.
std::string in_general(const std::string& reason) {
    static const std::regex port("\\b[0-9]{4,5}\\b");
    static const std::regex who("^.*( cannot connect to )");
    static const std::regex verdict("^Neither holds nor is missing in the known way: ");
    auto text = std::regex_replace(std::regex_replace(reason, port, "PORT"), who, "$1");
    return std::regex_replace(text, verdict, "");
}

// What failed for one reason stands together: a server that is broken in one place breaks many
// tests.
std::string by_reason(const std::vector<const result*>& failed, const capability* known) {
    constexpr std::size_t most = 5;
    std::vector<std::string> reasons;
    std::map<std::string, std::vector<const result*>> tests_for;
    for (const auto* one : failed) {
        auto reason = in_general(first_line(one->message));
        if (tests_for[reason].empty()) reasons.push_back(reason);
        tests_for[reason].push_back(one);
    }
    std::string text, hint;
    auto say_hint = [&] {
        if (!hint.empty()) text += wrapped(hint, 96, 4);
    };
    for (const auto& reason : reasons) {
        const auto& tests = tests_for[reason];
        auto next = hint_of(*tests.front());
        if (next.empty() && known) next = "Look first at " + known->look_at;
        if (next != hint) say_hint();  // that of the reasons before, which were of one kind
        hint = next;
        text += wrapped(first_line(tests.front()->message), 96, 4);
        for (std::size_t i = 0; i < tests.size() && i < most; ++i)
            text += "      - " + sentence(tests[i]->name) + "\n";
        if (tests.size() > most)
            text += "      - ... and " + counted(tests.size() - most, "more test") + "\n";
    }
    say_hint();
    return text;
}

// Where everything fails for one reason there is one thing to say.
std::string one_reason_for_all(const std::vector<result>& results) {
    constexpr std::size_t many = 4;
    std::size_t failed = 0;
    std::string reason;
    for (const auto& one : results) {
        if (one.how == result::passed) return "";
        if (one.how != result::failed) continue;
        auto this_one = in_general(first_line(one.message));
        if (failed++ && this_one != reason) return "";
        reason = this_one;
    }
    if (failed < many) return "";
    auto first = std::find_if(results.begin(), results.end(),
                              [](const auto& one) { return one.how == result::failed; });
    auto hint = hint_of(*first);
    return "\n  All " + counted(failed, "test") + " fail for one reason:\n" +
           wrapped(first_line(first->message), 96, 4) + (hint.empty() ? "" : wrapped(hint, 96, 4));
}

}  // namespace

std::string headline_of(const result& test) { return first_line(test.message); }

std::string hint_of(const result& test) {
    auto at = test.message.rfind("\nLook first at ");
    if (at == std::string::npos) return "";
    auto hint = test.message.substr(at + 1);
    hint = replace_all(hint.substr(0, hint.find("\n\n")), "\n", " ");
    hint.erase(hint.find_last_not_of(' ') + 1);
    return hint;
}

std::string summary(const settings& how, const std::vector<result>& results, bool colour) {
    std::vector<std::string> suites;
    for (const auto& one : results)
        if (std::find(suites.begin(), suites.end(), one.suite) == suites.end())
            suites.push_back(one.suite);

    std::string holds, fails, as_stage, better, skipped;
    const result* first_failed = nullptr;
    std::size_t width = 0;
    for (const auto& suite : suites) width = std::max(width, subject(suite).size());

    for (const auto& suite : suites) {
        std::vector<const result*> failed;
        std::size_t passed = 0;
        const result* seen_missing = nullptr;
        const result* seen_better = nullptr;
        for (const auto& one : results) {
            if (one.suite != suite) continue;
            if (one.how == result::failed) failed.push_back(&one);
            if (one.how == result::passed) ++passed;
            if (one.how == result::passed && one.verdict == "as missing") seen_missing = &one;
            if (one.how == result::passed && one.verdict == "better") seen_better = &one;
            if (one.how == result::skipped)
                skipped += wrapped(sentence(one.name) + ": " + one.message, 96, 4);
        }
        auto name = subject(suite);
        auto column = name + std::string(width - name.size(), ' ');
        const auto* known = capability_of_suite(suite);
        if (!failed.empty()) {
            if (!first_failed) first_failed = failed.front();
            fails += "\n  " + painted(colour, red, name) + " (" + counted(failed.size(), "test") +
                     " of " + std::to_string(failed.size() + passed) + ")\n";
            if (known) fails += wrapped("It means: " + known->meaning, 96, 4);
            if (known && how.foreign && !known->book.empty()) fails += wrapped(known->book, 96, 4);
            fails += by_reason(failed, known);
        } else if (seen_missing) {
            as_stage += "    " + column + "  missing, as the stage says\n";
        } else if (seen_better) {
            better += "    " + column + "  holds, and the stage does without it\n";
        } else if (passed) {
            holds +=
                "    " + painted(colour, green, column) + "  " + counted(passed, "test") + "\n";
        }
    }

    std::string text = "\n";
    if (how.stage)
        text += painted(colour, bold, "Judged as " + how.stage->folder) + ", " + how.stage->title +
                ": " + how.stage->question + "\n";
    if (!how.command.empty()) text += "  " + shell_words(how.command) + "\n";
    if (!holds.empty()) text += "\n  Holds:\n" + holds;
    if (!as_stage.empty()) text += "\n  As good as the stage:\n" + as_stage;
    if (!better.empty()) text += "\n  Better than the stage:\n" + better;
    if (!skipped.empty()) text += "\n  Not tried:\n" + skipped;
    if (auto reason = one_reason_for_all(results); !reason.empty()) fails = reason;
    if (!fails.empty())
        text += "\n" + painted(colour, red, "Does not hold:") + "\n" + fails +
                "\n  To see only the first of these again:\n    " + again(how, *first_failed) +
                "\n";
    return text;
}

void narrator::OnTestSuiteStart(const testing::TestSuite& suite) {
    auto name = subject(suite.name());
    name[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(name[0])));
    out_ << painted(colour_, bold, name) << std::endl;
}

void recorder::OnTestStart(const testing::TestInfo&) { messages_.clear(); }

void recorder::OnTestPartResult(const testing::TestPartResult& part) {
    if (part.type() == testing::TestPartResult::kSuccess) return;
    std::string message = part.message();
    const std::string empty_words = "Failed\n";  // how GoogleTest begins what ADD_FAILURE says
    if (message.compare(0, empty_words.size(), empty_words) == 0)
        message.erase(0, empty_words.size());
    else if (part.failed() && part.file_name())
        message +=
            "\n(" + std::string(part.file_name()) + ":" + std::to_string(part.line_number()) + ")";
    messages_ += (messages_.empty() ? "" : "\n\n") + message;
}

void recorder::OnTestEnd(const testing::TestInfo& test) {
    result one{test.test_suite_name(), test.name()};
    const auto* outcome = test.result();
    one.how = outcome->Skipped()  ? result::skipped
              : outcome->Failed() ? result::failed
                                  : result::passed;
    one.message = messages_;
    for (int i = 0; i < outcome->test_property_count(); ++i) {
        const auto& property = outcome->GetTestProperty(i);
        if (property.key() == std::string("verdict")) one.verdict = property.value();
        if (property.key() == std::string("story")) one.story = property.value();
    }
    results_.push_back(std::move(one));
}

void narrator::OnTestEnd(const testing::TestInfo& test) {
    recorder::OnTestEnd(test);
    const auto& one = results_.back();
    auto name = sentence(one.name);
    auto time = seconds(static_cast<double>(test.result()->elapsed_time()) / 1000);
    switch (one.how) {
        case result::passed:
            out_ << "  " << painted(colour_, green, "ok      ") << name;
            if (one.verdict == "as missing") out_ << ": missing, as the stage says";
            if (one.verdict == "better") out_ << ": better than the stage";
            out_ << " (" << time << ")" << std::endl;
            if (one.verdict == "as missing" || one.verdict == "better")
                out_ << wrapped(one.story, 96, 10);
            break;
        case result::skipped:
            out_ << "  " << painted(colour_, yellow, "skipped ") << name << "\n"
                 << wrapped(one.message, 96, 10);
            // CTest knows a skipped test by these words.
            if (testing::UnitTest::GetInstance()->test_to_run_count() == 1)
                out_ << "[  SKIPPED ]\n";
            break;
        case result::failed:
            out_ << "  " << painted(colour_, red, "FAILED  ") << name << " (" << time << ")";
            if (auto reason = in_general(first_line(one.message));
                std::exchange(last_reason_, reason) == reason && failed_in_[one.suite]) {
                out_ << ": as above\n";
                break;
            }
            out_ << "\n\n";
            // The first conversation says most: a server that is broken breaks many tests alike.
            if (failed_in_[one.suite]++ == 0)
                out_ << wrapped(first_line(one.message), 96, 10)
                     << indented(one.message.substr(std::min(first_line(one.message).size() + 1,
                                                             one.message.size())),
                                 10)
                     << std::endl;
            else
                out_ << wrapped(first_line(one.message), 96, 10) << std::endl;
            break;
    }
    out_.flush();
}

void narrator::OnTestIterationEnd(const testing::UnitTest& all, int) {
    if (results_.size() > 1) out_ << summary(current_settings(), results_, colour_);
    auto failed = static_cast<std::size_t>(all.failed_test_count());
    if (results_.size() > 1)
        out_ << "\n"
             << (failed ? painted(colour_, red, counted(failed, "test") + " failed")
                        : painted(colour_, green,
                                  counted(results_.size(), "test") + ", all as it should be"))
             << ", in " << seconds(static_cast<double>(all.elapsed_time()) / 1000) << ".\n";
    out_.flush();
    results_.clear();
    failed_in_.clear();
    last_reason_.clear();
}

}  // namespace rendezvous::harness

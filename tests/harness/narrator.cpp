#include "tests/harness/narrator.hpp"

#include <unistd.h>

#include <algorithm>
#include <functional>
#include <regex>
#include <string_view>
#include <utility>

#include "tests/harness/interruption.hpp"
#include "tests/harness/selection.hpp"
#include "tests/harness/terminal.hpp"
#include "tests/harness/text.hpp"

namespace rendezvous::harness {

namespace {

std::string first_line(const std::string& text) { return text.substr(0, text.find("\n\n")); }

// The command that runs this test, and nothing else.
std::string again(const settings& how, const result& test, std::size_t indent) {
    auto program = how.called_as;
    std::vector<std::string> words;
    if (program.empty()) {
        program = shell_words({how.program});
        if (!how.stage_path.empty()) words.insert(words.end(), {"--stage", how.stage_path});
        if (how.foreign) words.push_back("--foreign");
    }
    if (how.strict) words.push_back("--strict");
    words.insert(words.end(), {"--only", test.suite + "." + test.name});
    // `./course test 9` knows the command of a server of ours.
    if (how.called_as.empty() || how.foreign) {
        if (!how.command.empty()) words.push_back("--");
        words.insert(words.end(), how.command.begin(), how.command.end());
    }
    return wrapped_command(program, words, how.columns, indent);
}

// The reason without what differs from test to test: the port, the client that cannot connect, and
// the words that introduce a failed observation.
std::string in_general(const std::string& reason) {
    static const std::regex port("\\b[0-9]{4,5}\\b");
    static const std::regex client("^.*( cannot connect to )");
    static const std::regex verdict("^Neither holds nor is missing in the known way: ");
    auto text = std::regex_replace(std::regex_replace(reason, port, "PORT"), client, "$1");
    return std::regex_replace(text, verdict, "");
}

// Tests that fail for one reason are listed together, because one mistake in a server makes many
// tests fail.
std::string by_reason(const std::vector<const result*>& failed, const capability* known,
                      std::size_t columns) {
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
        if (!hint.empty()) text += wrapped(hint, columns, 4);
    };
    for (const auto& reason : reasons) {
        const auto& tests = tests_for[reason];
        auto next = hint_of(*tests.front());
        if (next.empty() && known) next = "Look first at " + known->look_at;
        if (next != hint) say_hint();  // of the reasons before this one, which have it in common
        hint = next;
        text += wrapped(first_line(tests.front()->message), columns, 4);
        for (std::size_t i = 0; i < tests.size() && i < most; ++i)
            text += wrapped("- " + sentence(tests[i]->name), columns, 6, 2);
        if (tests.size() > most)
            text += "      - ... and " + counted(tests.size() - most, "more test") + "\n";
    }
    say_hint();
    return text;
}

// If all tests fail for one reason, that reason is all there is to say.
std::string one_reason_for_all(const std::vector<result>& results, std::size_t columns) {
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
           wrapped(first_line(first->message), columns, 4) +
           (hint.empty() ? "" : wrapped(hint, columns, 4));
}

std::string names(const std::vector<const capability*>& some) {
    std::string text;
    for (const auto* one : some) text += (text.empty() ? "" : ", ") + one->name;
    return text;
}

std::string padded(std::string text, std::size_t width) {
    text.resize(std::max(text.size(), width), ' ');
    return text;
}

template <typename How>
std::size_t count(const std::vector<result>& results, How how) {
    return static_cast<std::size_t>(std::count_if(results.begin(), results.end(),
                                                  [&](const auto& one) { return one.how == how; }));
}

}  // namespace

std::string subject_of(const std::string& suite) {
    const auto* known = capability_of_suite(suite);
    return known ? known->name : sentence(suite);
}

std::string headline_of(const result& test) { return first_line(test.message); }

std::string hint_of(const result& test) {
    auto at = test.message.rfind("\nLook first at ");
    if (at == std::string::npos) return "";
    auto hint = test.message.substr(at + 1);
    hint = replace_all(hint.substr(0, hint.find("\n\n")), "\n", " ");
    hint.erase(hint.find_last_not_of(' ') + 1);
    return hint;
}

std::string summary(const settings& how, const std::vector<result>& results, bool in_color) {
    std::vector<std::string> suites;
    for (const auto& one : results)
        if (std::find(suites.begin(), suites.end(), one.suite) == suites.end())
            suites.push_back(one.suite);

    std::string holds, fails, as_stage, better, not_tried;
    const result* first_failed = nullptr;
    std::size_t width = 0;
    for (const auto& suite : suites) width = std::max(width, subject_of(suite).size());

    for (const auto& suite : suites) {
        std::vector<const result*> failed;
        std::size_t passed = 0, to_come = 0;
        const result* seen_missing = nullptr;
        const result* seen_better = nullptr;
        for (const auto& one : results) {
            if (one.suite != suite) continue;
            if (one.how == result::failed) failed.push_back(&one);
            if (one.how == result::passed) ++passed;
            if (one.how == result::passed && one.verdict == "as missing") seen_missing = &one;
            if (one.how == result::passed && one.verdict == "better") seen_better = &one;
            if (one.how == result::skipped)
                not_tried += wrapped(sentence(one.name) + ": " + one.message, how.columns, 4);
            if (one.how == result::not_tried) ++to_come;
        }
        auto name = subject_of(suite);
        auto column = name + std::string(width - name.size(), ' ');
        const auto* known = capability_of_suite(suite);
        if (to_come) not_tried += "    " + column + "  " + counted(to_come, "test") + "\n";
        if (!failed.empty()) {
            if (!first_failed) first_failed = failed.front();
            fails += "\n  " + painted(in_color, color::red, name) + " (" +
                     counted(failed.size(), "test") + " of " +
                     std::to_string(failed.size() + passed) + ")\n";
            if (known) fails += wrapped("It means: " + known->meaning, how.columns, 4);
            if (known && how.foreign && !known->book.empty())
                fails += wrapped(known->book, how.columns, 4);
            fails += by_reason(failed, known, how.columns);
        } else if (seen_missing) {
            as_stage += "    " + column + "  missing, as the stage says\n";
        } else if (seen_better) {
            better += "    " + column + "  holds, and the stage does without it\n";
        } else if (passed) {
            holds += "    " + painted(in_color, color::green, column) + "  " +
                     counted(passed, "test") + "\n";
        }
    }

    std::string text = "\n";
    if (how.stage) {
        const auto judged_as = "Judged as " + how.stage->folder;
        const auto title = ", " + how.stage->title + ": " + how.stage->question;
        text += replace_all(wrapped(judged_as + title, how.columns, 0), judged_as,
                            painted(in_color, color::bold, judged_as));
    }
    if (!how.command.empty())
        text += wrapped_command(shell_words({how.command[0]}),
                                {how.command.begin() + 1, how.command.end()}, how.columns, 2);
    if (!holds.empty()) text += "\n  Holds:\n" + holds;
    if (!as_stage.empty()) text += "\n  As good as the stage:\n" + as_stage;
    if (!better.empty()) text += "\n  Better than the stage:\n" + better;
    if (!not_tried.empty()) text += "\n  Not tried:\n" + not_tried;
    if (how.quick)
        text += "\n" + wrapped("--quick repeats its attempts less often, and leaves out: " +
                                   names(left_out_by_quick(how)) + ".",
                               how.columns, 2);
    if (auto reason = one_reason_for_all(results, how.columns); !reason.empty()) fails = reason;
    if (!fails.empty())
        text += "\n" + painted(in_color, color::red, "Does not hold:") + "\n" + fails +
                "\n  To see only the first of these again:\n" + again(how, *first_failed, 4);
    return text;
}

void require_judgement(const std::vector<result>& results) {
    std::string skipped, environment;
    for (const auto& one : results) {
        if (one.how == result::passed || one.how == result::failed) return;
        if (one.how == result::skipped)
            skipped += "\n  " + sentence(one.name) + " was skipped: " + one.message;
    }
    if (!skipped.empty()) throw setup_error("nothing was judged:" + skipped);
    for (char** variable = environ; *variable; ++variable)
        if (std::string_view(*variable).starts_with("GTEST_"))
            environment += "\n  " + std::string(*variable);
    throw setup_error(
        "nothing was judged: no test ran.  Which tests run is chosen by --only, by "
        "options that begin with --gtest_" +
        (environment.empty() ? std::string(".")
                             : ", and by the environment, which says:" + environment));
}

void narrator::OnTestSuiteStart(const testing::TestSuite& suite) {
    out_ << painted(in_color_, color::bold, capitalised(subject_of(suite.name()))) << std::endl;
}

void recorder::OnTestIterationStart(const testing::UnitTest&, int) {
    std::lock_guard lock(mutex_);
    iteration_ = results_.size();
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
    interruption::hold_if_begun();
    result one{test.test_suite_name(), test.name()};
    const auto* outcome = test.result();
    one.how = outcome->Skipped()  ? result::skipped
              : outcome->Failed() ? result::failed
                                  : result::passed;
    one.message = messages_;
    one.seconds = static_cast<double>(outcome->elapsed_time()) / 1000;
    for (int i = 0; i < outcome->test_property_count(); ++i) {
        const auto& property = outcome->GetTestProperty(i);
        if (property.key() == std::string("verdict")) one.verdict = property.value();
        if (property.key() == std::string("story")) one.story = property.value();
    }
    std::lock_guard lock(mutex_);
    results_.push_back(std::move(one));
}

std::vector<result> recorder::results_so_far() const {
    std::lock_guard lock(mutex_);
    std::vector<result> so_far(results_.begin() + static_cast<std::ptrdiff_t>(iteration_),
                               results_.end());
    const auto is_tried = [&, tried = so_far](const testing::TestInfo& test) {
        return std::any_of(tried.begin(), tried.end(), [&](const result& one) {
            return one.suite == test.test_suite_name() && one.name == test.name();
        });
    };
    const auto& all = *testing::UnitTest::GetInstance();
    for (int i = 0; i < all.total_test_suite_count(); ++i) {
        const auto& suite = *all.GetTestSuite(i);
        for (int k = 0; k < suite.total_test_count(); ++k)
            if (const auto& test = *suite.GetTestInfo(k); test.should_run() && !is_tried(test))
                so_far.push_back({suite.name(), test.name(), result::not_tried});
    }
    return so_far;
}

void narrator::OnTestEnd(const testing::TestInfo& test) {
    recorder::OnTestEnd(test);
    const auto columns = current_settings().columns;
    const auto& one = results().back();
    auto name = sentence(one.name);
    auto time = " (" + seconds(one.seconds) + ")";
    const auto say = [&](const char* mark, color with, const std::string& text) {
        auto lines = wrapped(padded(mark, 8) + text, columns, 2, 8);
        out_ << lines.replace(2, std::string(mark).size(), painted(in_color_, with, mark));
    };
    switch (one.how) {
        case result::passed:
            if (one.verdict == "as missing") name += ": missing, as the stage says";
            if (one.verdict == "better") name += ": better than the stage";
            say("ok", color::green, name + time);
            if (one.verdict == "as missing" || one.verdict == "better")
                out_ << wrapped(one.story, columns, 10);
            break;
        case result::skipped:
            say("skipped", color::yellow, name);
            out_ << wrapped(one.message, columns, 10);
            // CTest knows a skipped test by these words.
            if (testing::UnitTest::GetInstance()->test_to_run_count() == 1)
                out_ << "[  SKIPPED ]\n";
            break;
        case result::failed: {
            const auto headline = headline_of(one);
            const auto reason = in_general(headline);
            if (std::exchange(last_reason_, reason) == reason && failed_in_[one.suite]) {
                say("FAILED", color::red, name + time + ": as above");
                break;
            }
            say("FAILED", color::red, name + time);
            out_ << "\n" << wrapped(headline, columns, 10);
            // Only the first conversation of a suite is printed: the others usually show the same
            // mistake.
            if (failed_in_[one.suite]++ == 0)
                out_ << wrapped(
                    one.message.substr(std::min(headline.size() + 1, one.message.size())), columns,
                    10);
            out_ << "\n";
            break;
        }
        case result::not_tried:
            break;
    }
    out_.flush();
}

void narrator::OnTestIterationEnd(const testing::UnitTest& all, int) {
    interruption::hold_if_begun();
    const auto results = results_so_far();
    const auto passed = count(results, result::passed), failed = count(results, result::failed),
               skipped = count(results, result::skipped);
    if (results.size() > 1)
        out_ << summary(current_settings(), results, in_color_) << "\n"
             << (failed ? painted(in_color_, color::red, counted(failed, "test") + " failed")
                        : painted(in_color_, color::green,
                                  counted(passed, "test") + ", all as it should be"))
             << ", in " << seconds(static_cast<double>(all.elapsed_time()) / 1000)
             << (skipped ? "; " + counted(skipped, "test") + " skipped.\n" : ".\n");
    out_.flush();
    failed_in_.clear();
    last_reason_.clear();
}

void narrator::finish_early(const std::string& why) const {
    const auto results = results_so_far();
    out_ << summary(current_settings(), results, in_color_) << "\n"
         << wrapped(why + " " + counted(count(results, result::passed), "test") + " passed, " +
                        std::to_string(count(results, result::failed)) + " failed, " +
                        std::to_string(count(results, result::not_tried)) + " were not tried.",
                    current_settings().columns, 0)
         << std::flush;
}

}  // namespace rendezvous::harness

#include "tests/harness/json_report.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>

#include "tests/harness/text.hpp"

namespace rendezvous::harness {

namespace {

using nlohmann::ordered_json;

const char* result_words[] = {"passed", "failed", "skipped", "not tried"};

// What happened in one suite, in a word.
std::string verdict_of(const std::vector<result>& tests) {
    const auto any = [&](auto is) { return std::any_of(tests.begin(), tests.end(), is); };
    if (any([](const auto& one) { return one.how == result::failed; })) return "fails";
    if (any([](const auto& one) { return one.how == result::not_tried; })) return "not tried";
    if (any([](const auto& one) { return one.verdict == "as missing"; })) return "missing";
    if (any([](const auto& one) { return one.how == result::passed; })) return "holds";
    return "skipped";
}

std::string promise_of(const settings& how, const std::string& name) {
    const auto* known = find_capability(name);
    if (!known || known->always || !how.stage) return "holds";
    return how.stage->holds(name) ? "holds" : "missing";
}

// The tests of each suite, in the order of the run.
std::vector<std::vector<result>> by_suite(const std::vector<result>& results) {
    std::vector<std::vector<result>> suites;
    for (const auto& one : results) {
        auto found = std::find_if(suites.begin(), suites.end(), [&](const auto& tests) {
            return tests.front().suite == one.suite;
        });
        if (found == suites.end()) found = suites.emplace(suites.end());
        found->push_back(one);
    }
    return suites;
}

ordered_json test_report(const result& one) {
    ordered_json report = {{"name", one.suite + "." + one.name},
                           {"says", sentence(one.name)},
                           {"result", result_words[one.how]},
                           {"seconds", one.seconds}};
    if (!one.story.empty()) report["saw"] = one.story;
    if (one.how == result::failed || one.how == result::skipped) {
        report["reason"] = headline_of(one);
        if (auto hint = hint_of(one); !hint.empty()) report["hint"] = hint;
        if (one.how == result::failed) report["conversation"] = one.message;
    }
    return report;
}

}  // namespace

double score(const std::vector<result>& results) {
    double sum = 0;
    int suites = 0;
    for (const auto& tests : by_suite(results)) {
        const auto count = [&](auto how) {
            return std::count_if(tests.begin(), tests.end(),
                                 [&](const auto& one) { return one.how == how; });
        };
        const auto judged = std::ssize(tests) - count(result::skipped);
        if (!judged) continue;
        sum += static_cast<double>(count(result::passed)) / static_cast<double>(judged);
        ++suites;
    }
    return suites ? std::round(sum / suites * 1000) / 1000 : 0;
}

std::string json_report(const settings& how, const std::vector<result>& results, int status,
                        const std::string& problem) {
    ordered_json report = {{"format", 1},
                           {"stage", how.stage ? ordered_json(how.stage->folder) : ordered_json()},
                           {"command", how.command},
                           {"quick", how.quick},
                           {"status", status},
                           {"score", score(results)}};
    if (!problem.empty()) report["problem"] = problem;
    report["capabilities"] = ordered_json::array();
    for (const auto& tests : by_suite(results)) {
        const auto name = subject_of(tests.front().suite);
        ordered_json suite = {{"name", name},
                              {"promised", promise_of(how, name)},
                              {"found", verdict_of(tests)},
                              {"tests", ordered_json::array()}};
        for (const auto& one : tests) suite["tests"].push_back(test_report(one));
        report["capabilities"].push_back(suite);
    }
    // What a server sent need not be UTF-8, but JSON must be.
    return report.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace rendezvous::harness

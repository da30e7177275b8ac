#include "tests/harness/selection.hpp"

#include <gtest/gtest.h>

#include "tests/harness/text.hpp"

namespace rendezvous::harness {

std::string filter_for(const std::vector<std::string>& only) {
    std::string filter;
    for (const auto& name : only) {
        filter += filter.empty() ? "" : ":";
        if (find_capability(name))
            filter += camel_case(name) + ".*";
        else
            filter += name.find_first_of(".*") == std::string::npos ? name + ".*" : name;
    }
    return filter;
}

std::vector<const capability*> left_out_by_quick(const settings& how) {
    std::vector<const capability*> all;
    for (const auto& one : capabilities())
        if (one.always && one.applies_to(how.server_kind())) all.push_back(&one);
    return all;
}

void select_tests(const settings& how, const std::vector<std::string>& only) {
    auto filter = only.empty() ? GTEST_FLAG_GET(filter) : filter_for(only);
    std::string out;
    for (const auto& one : capabilities()) {
        bool applies = one.applies_to(how.server_kind());
        if (one.name == "command line" || one.name == "shutdown") applies = applies && how.as_own();
        if (!applies) out += camel_case(one.name) + ".*:";
    }
    if (how.quick && only.empty())
        for (const auto* one : left_out_by_quick(how)) out += camel_case(one->name) + ".*:";
    if (!out.empty()) filter += (filter.find('-') == std::string::npos ? "-" : ":") + out;
    GTEST_FLAG_SET(filter, filter);
}

}  // namespace rendezvous::harness

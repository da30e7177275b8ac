// What a run found, for programs: --json.  docs/how-to-teach.md describes it.
#pragma once
#include <string>
#include <vector>

#include "tests/harness/narrator.hpp"
#include "tests/harness/settings.hpp"

namespace rendezvous::harness {

// From 0 to 1: the mean over what was judged (capabilities, and the suites that are none) of the
// share of its tests that passed.  So a capability with one test counts as much as one with thirty.
// Skipped tests do not count; tests that were not tried count as failed.
double score(const std::vector<result>&);

// `problem` is empty if the run was completed.
std::string json_report(const settings&, const std::vector<result>&, int status,
                        const std::string& problem);

}  // namespace rendezvous::harness

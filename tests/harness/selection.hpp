// Which tests a run tries.
#pragma once
#include <string>
#include <vector>

#include "tests/harness/capability.hpp"
#include "tests/harness/settings.hpp"

namespace rendezvous::harness {

// GoogleTest's filter for what --only was given: capabilities as the summary prints them ("last
// lines"), suites (LastLines), tests (Chat.EmptyLineIsALine), or patterns with * in them.
std::string filter_for(const std::vector<std::string>& only);

// What --quick leaves out: all that stage.json does not speak of.
std::vector<const capability*> left_out_by_quick(const settings&);

// Tells GoogleTest what to try: what it or --only was told, without suites that do not apply to
// this kind of server or are not asked of a foreign one, and without what --quick leaves out.
void select_tests(const settings&, const std::vector<std::string>& only);

}  // namespace rendezvous::harness

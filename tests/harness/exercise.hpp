// The check of an exercise: first what it asks for, then whether everything else still holds.
#pragma once
#include <ostream>
#include <string>
#include <vector>

#include "tests/harness/narrator.hpp"

namespace rendezvous::harness {

// Whether a test decides the exercise, is one of the others, whose result must not change, or does
// not run: the suites of other exercises, and those that judge another kind of server.
enum class part { goal, others, neither };
part part_of(const settings&, const std::string& suite, const std::string& test);

// What a learner sees after a check: what the exercise asks for, whether it holds, what came
// instead, and what to look at first.  It fits 24 lines of 80 columns unless nearly everything
// fails.  `others` is empty if they did not run.
std::string exercise_report(const settings&, const std::vector<result>& goal,
                            const std::vector<result>& others, bool in_color);

struct check_options {
    bool all = false;  // run the others even if what the exercise asks for does not hold
    bool in_color = false;
    std::string log;  // a file for the whole of every conversation, or none
};
// Runs the tests, prints the report and returns the exit status.  Throws setup_error if nothing was
// judged, or if the exercise names tests that this program does not have.
int check_exercise(settings&, const check_options&, std::ostream& out);

}  // namespace rendezvous::harness

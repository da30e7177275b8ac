// What gdb says of a program that stands still.
#pragma once
#include <sys/types.h>

#include <string>

namespace rendezvous::harness {

// A line for each thread, the innermost functions first; one line for threads that stand in the
// same place.  Empty where gdb is not installed, or may not look into the process.
std::string backtrace_of(pid_t);

// The same from what gdb printed, apart from gdb: a function of a text, so that it can be tested.
std::string backtrace_in_brief(const std::string& printed);

}  // namespace rendezvous::harness

// What gdb prints about a program that hangs.
#pragma once
#include <sys/types.h>

#include <string>

namespace rendezvous::harness {

// A line for each thread, the innermost functions first.  Threads with the same stack share a line.
// Empty if gdb is not installed, or is not allowed to inspect the process.
std::string backtrace_of(pid_t);

// The same, computed from the text that gdb printed, so that it can be tested without gdb.
std::string backtrace_in_brief(const std::string& printed);

}  // namespace rendezvous::harness

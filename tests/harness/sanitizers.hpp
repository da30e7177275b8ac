// Which sanitizers a running program was built with, judging by its file.
#pragma once
#include <cstddef>

#include "tests/harness/process.hpp"

namespace rendezvous::harness {

enum class sanitizer { address, thread, undefined };

bool built_with(const process&, sanitizer);

// Whether the program's memory is not only its own: AddressSanitizer keeps what was freed for a
// while, and ThreadSanitizer shadow memory for all that was ever used.
bool memory_is_shadowed(const process&);

// Threads that a sanitizer adds to a program of several threads.
std::size_t sanitizer_threads(const process&);

}  // namespace rendezvous::harness

#include "tests/harness/sanitizers.hpp"

#include <fstream>
#include <iterator>
#include <string>

namespace rendezvous::harness {

// The compiler makes the program call the sanitizer's functions, whose names its file then has.
bool built_with(const process& program, sanitizer which) {
    const char* const function = which == sanitizer::address  ? "__asan_init"
                                 : which == sanitizer::thread ? "__tsan_init"
                                                              : "__ubsan_handle_";
    std::ifstream file("/proc/" + std::to_string(program.pid()) + "/exe", std::ios::binary);
    const std::string bytes(std::istreambuf_iterator<char>(file), {});
    return bytes.find(function) != std::string::npos;
}

bool memory_is_shadowed(const process& program) {
    return built_with(program, sanitizer::address) || built_with(program, sanitizer::thread);
}

std::size_t sanitizer_threads(const process& program) {
    return built_with(program, sanitizer::thread) ? 1 : 0;
}

}  // namespace rendezvous::harness

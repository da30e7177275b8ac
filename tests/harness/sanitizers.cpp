#include "tests/harness/sanitizers.hpp"

#include <fstream>
#include <iterator>
#include <string>

namespace rendezvous::harness {

bool built_with(const process& program, sanitizer which) {
    const char* const library = which == sanitizer::address  ? "/libasan.so"
                                : which == sanitizer::thread ? "/libtsan.so"
                                                             : "/libubsan.so";
    std::ifstream maps("/proc/" + std::to_string(program.pid()) + "/maps");
    const std::string text(std::istreambuf_iterator<char>(maps), {});
    return text.find(library) != std::string::npos;
}

std::size_t sanitizer_threads(const process& program) {
    return built_with(program, sanitizer::thread) ? 1 : 0;
}

}  // namespace rendezvous::harness

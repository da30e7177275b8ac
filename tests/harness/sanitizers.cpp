#include "tests/harness/sanitizers.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <cstring>
#include <string>
#include <string_view>

#include "tests/harness/descriptor.hpp"

namespace rendezvous::harness {
namespace {

// Programs with sanitizers are files of megabytes, and nearly every test asks: they are not copied.
bool file_contains(const std::string& path, std::string_view text) {
    descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    struct stat about {};
    if (!file || ::fstat(file.get(), &about) != 0) return false;
    const auto size = static_cast<std::size_t>(about.st_size);
    void* bytes = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, file.get(), 0);
    if (bytes == MAP_FAILED) return false;
    const bool found = ::memmem(bytes, size, text.data(), text.size());
    ::munmap(bytes, size);
    return found;
}

}  // namespace

// The compiler makes the program call the sanitizer's functions, whose names its file then has.
bool built_with(const process& program, sanitizer which) {
    const char* const function = which == sanitizer::address  ? "__asan_init"
                                 : which == sanitizer::thread ? "__tsan_init"
                                                              : "__ubsan_handle_";
    return file_contains("/proc/" + std::to_string(program.pid()) + "/exe", function);
}

bool memory_is_shadowed(const process& program) {
    return built_with(program, sanitizer::address) || built_with(program, sanitizer::thread);
}

std::size_t sanitizer_threads(const process& program) {
    return built_with(program, sanitizer::thread) ? 1 : 0;
}

}  // namespace rendezvous::harness

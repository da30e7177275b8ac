// Whether this is a build with AddressSanitizer, which both compilers say in their own ways.
#pragma once

namespace rendezvous::fibers {

#if defined(__SANITIZE_ADDRESS__)  // GCC
inline constexpr bool with_address_sanitizer = true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)  // Clang
inline constexpr bool with_address_sanitizer = true;
#else
inline constexpr bool with_address_sanitizer = false;
#endif
#else
inline constexpr bool with_address_sanitizer = false;
#endif

}  // namespace rendezvous::fibers

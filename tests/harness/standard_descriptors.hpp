// Standard input, output and error, even if our parent has closed them.
#pragma once
#include <fcntl.h>
#include <unistd.h>

namespace rendezvous::harness {

// Opens /dev/null in place of those that are closed.  It must be called before anything else is
// opened: otherwise the next pipe or socket gets one of their numbers, and our output goes into it.
inline void open_standard_descriptors() {
    int descriptor = 0;  // open() takes the lowest number that is free
    while (descriptor >= 0 && descriptor <= STDERR_FILENO) descriptor = ::open("/dev/null", O_RDWR);
    if (descriptor > STDERR_FILENO) ::close(descriptor);
}

}  // namespace rendezvous::harness

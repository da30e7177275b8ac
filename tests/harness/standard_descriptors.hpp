// Standard input, output and error, even where whatever started us has closed them.
#pragma once
#include <fcntl.h>
#include <unistd.h>

namespace rendezvous::harness {

// Opens /dev/null in the place of those that are closed, before anything else is opened: the next
// pipe or socket would get their numbers, and what we print would go into it.
inline void open_standard_descriptors() {
    int descriptor = 0;  // open() takes the lowest number that is free
    while (descriptor >= 0 && descriptor <= STDERR_FILENO) descriptor = ::open("/dev/null", O_RDWR);
    if (descriptor > STDERR_FILENO) ::close(descriptor);
}

}  // namespace rendezvous::harness

// What a program makes sure of before anything else.
#pragma once

namespace rendezvous {

// Opens /dev/null in the place of standard input, output and error where they are closed (`server
// <&- >&-`).  Otherwise the next socket or pipe would get their numbers, and printing would write
// into it.
void open_standard_descriptors();

// For servers: the standard descriptors; as many descriptors as we may have, for each client costs
// one; SIGPIPE ignored; and the signals that ask us to shut down no longer blocked.
void prepare_process();

}  // namespace rendezvous

// The options of a TCP connection, as Go's net sets them by default.
#pragma once

namespace rendezvous {

// TCP_NODELAY: a small write leaves at once.  Without it the kernel holds a small segment back
// while the peer has not acknowledged the one before (Nagle's algorithm, RFC 896), and the peer
// delays its acknowledgement, in the hope that it can travel with data, by 40 ms on Linux: two
// small writes in a row, and the second arrives 40 ms late.
//
// SO_KEEPALIVE: when nothing has come from the peer for 15 s, the kernel asks whether it is still
// there, and again every 15 s; after nine questions without an answer, reading and writing fail.
// So a server notices that a peer has lost its power or its network.
//
// On a listening socket it counts for every connection that is accepted from there: they inherit
// these options (W. Richard Stevens, UNIX Network Programming, volume 1, section 7.4).  What the
// kernel refuses is left as it is: a connection works without.
void set_connection_options(int socket);

}  // namespace rendezvous

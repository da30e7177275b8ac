#include "common/net/connection_options.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace rendezvous {

void set_connection_options(int socket) {
    const auto set = [&](int level, int option, int value) {
        ::setsockopt(socket, level, option, &value, sizeof value);
    };
    set(IPPROTO_TCP, TCP_NODELAY, 1);
    set(SOL_SOCKET, SO_KEEPALIVE, 1);
    set(IPPROTO_TCP, TCP_KEEPIDLE, 15);   // seconds of silence before the first probe
    set(IPPROTO_TCP, TCP_KEEPINTVL, 15);  // seconds between two probes
    set(IPPROTO_TCP, TCP_KEEPCNT, 9);     // unanswered probes until the connection is given up
}

}  // namespace rendezvous

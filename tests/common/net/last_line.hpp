// The ways in which a connection can end after a last line without a newline.  `lines` has to tell
// those in which the client had said all that it had to say from those in which it was cut off, on
// threads and on fibers.
#pragma once
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>

#include <boost/asio.hpp>
#include <functional>
#include <optional>
#include <ostream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "common/net/connection.hpp"

namespace rendezvous {

// A client and the server's end of its connection.
struct last_line {
    using write_function = void (*)(connection&, const std::string&, error_code&);

    last_line(asio::io_context& io, write_function write) : write_line(write), client(io) {
        tcp::acceptor acceptor(io, {asio::ip::address_v4::loopback(), 0});
        client.connect(acceptor.local_endpoint());
        conn.emplace(acceptor.accept(), "a client", open);
    }

    // Returns when the server's kernel has acknowledged it.
    void client_says_bye() {
        asio::write(client, asio::buffer("bye", 3));
        for (int unacknowledged = 3; unacknowledged > 0; std::this_thread::yield())
            ::ioctl(client.native_handle(), SIOCOUTQ, &unacknowledged);
    }
    void client_closes() { client.close(); }
    void client_resets() {
        client.set_option(asio::socket_base::linger(true, 0));
        client.close();
    }
    error_code server_writes() {
        error_code ec;
        write_line(*conn, "news", ec);
        return ec;
    }
    // The kernel has heard from the client what it has to hear: CLOSE_WAIT, that no more will come;
    // CLOSE, that the connection is no more.
    void wait_for(int state) {
        for (tcp_info info{}; info.tcpi_state != state; std::this_thread::yield()) {
            socklen_t size = sizeof info;
            ::getsockopt(conn->native_handle(), IPPROTO_TCP, TCP_INFO, &info, &size);
        }
    }

    write_function write_line;
    connections open;
    tcp::socket client;
    std::optional<connection> conn;
};

struct way_to_end {
    const char* name;
    std::function<void(last_line&)> happens;
    std::vector<std::string> lines;  // that the server is to read
};

// Instead of the bytes of the row.
inline void PrintTo(const way_to_end& row, std::ostream* out) { *out << row.name; }

inline std::vector<way_to_end> ways_to_end() {
    const std::vector<std::string> bye{"bye"}, nothing;
    return {
        {"ClientCloses",
         [](auto& it) {
             it.client_says_bye();
             it.client_closes();
             it.wait_for(TCP_CLOSE_WAIT);
         },
         bye},
        {"ClientClosesAndAWriterProvokesAReset",
         [](auto& it) {
             it.client_says_bye();
             it.client_closes();
             it.wait_for(TCP_CLOSE_WAIT);
             it.server_writes();
             it.wait_for(TCP_CLOSE);
         },
         bye},
        {"ClientClosesAndAWriterIsToldOfABrokenPipe",
         [](auto& it) {
             it.client_says_bye();
             it.client_closes();
             it.wait_for(TCP_CLOSE_WAIT);
             it.server_writes();
             it.wait_for(TCP_CLOSE);
             if (it.server_writes() != asio::error::broken_pipe) throw std::logic_error("no EPIPE");
         },
         bye},
        {"ClientHalfClosesAndThenClosesWithDataUnread",
         [](auto& it) {
             it.server_writes();
             it.client_says_bye();
             it.client.wait(tcp::socket::wait_read);
             it.client.shutdown(tcp::socket::shutdown_send);
             it.client_closes();
             it.wait_for(TCP_CLOSE);
         },
         bye},
        {"ServerHasShutDownSendingAndTheClientCloses",
         [](auto& it) {
             it.conn->shutdown(tcp::socket::shutdown_send);
             it.client_says_bye();
             it.client_closes();
             it.wait_for(TCP_CLOSE);
         },
         bye},
        {"ListenerHangsUpAndTheClientCloses",
         [](auto& it) {
             it.client_says_bye();
             it.open.hang_up();
             it.client_closes();
             it.wait_for(TCP_CLOSE);
         },
         bye},
        {"ListenerHangsUpAndTheClientStays",
         [](auto& it) {
             it.client_says_bye();
             it.open.hang_up();
         },
         bye},
        {"ClientResets",
         [](auto& it) {
             it.client_says_bye();
             it.client_resets();
             it.wait_for(TCP_CLOSE);
         },
         nothing},
        {"ClientResetsAndAWriterIsTold",
         [](auto& it) {
             it.client_says_bye();
             it.client_resets();
             it.wait_for(TCP_CLOSE);
             it.server_writes();
         },
         nothing},
    };
}

}  // namespace rendezvous

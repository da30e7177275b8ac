#include "common/net/listening.hpp"

#include <algorithm>
#include <boost/asio/error.hpp>
#include <cstdio>
#include <limits>
#include <stdexcept>
#include <string>

#include "common/net/connection_options.hpp"
#include "common/net/peer_name.hpp"
#include "common/net/resolve.hpp"

namespace rendezvous {
namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

// The kernel cuts it down to the longest that it allows (net.core.somaxconn, 4,096 by default).
constexpr int longest_queue = std::numeric_limits<int>::max();

error_code try_to_listen(tcp::acceptor& acceptor, const tcp::endpoint& endpoint) {
    error_code ec;
    acceptor.open(endpoint.protocol(), ec);
    if (!ec) acceptor.set_option(tcp::acceptor::reuse_address(true), ec);
    if (!ec) set_connection_options(acceptor.native_handle());
    if (!ec) acceptor.bind(endpoint, ec);
    if (!ec) acceptor.listen(longest_queue, ec);
    return ec;
}

// Only then is the next address tried: this machine does not have this one.  When the port is in
// use the server says so instead of moving on, because clients would reach the other server.
bool not_here(const error_code& ec) {
    return ec == asio::error::address_family_not_supported ||
           ec == boost::system::errc::address_not_available;
}

}  // namespace

tcp::acceptor listen(asio::io_context& io, const address& where) {
    std::string trouble;
    for (const auto& endpoint : resolve(io, where)) {
        tcp::acceptor acceptor(io);
        const auto ec = try_to_listen(acceptor, endpoint);
        if (!ec) return acceptor;
        trouble = "cannot listen on " + to_string(endpoint) + ": " + ec.message();
        if (!not_here(ec)) break;
    }
    throw std::runtime_error(trouble);
}

std::chrono::milliseconds accept_trouble::failed(const error_code& why) {
    using namespace std::chrono_literals;
    if (pause_ == 0ms) std::fprintf(stderr, "cannot accept: %s\n", why.message().c_str());
    pause_ = std::clamp(2 * pause_, 5ms, 1000ms);
    return pause_;
}

}  // namespace rendezvous

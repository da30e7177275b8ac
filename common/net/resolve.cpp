#include "common/net/resolve.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>

namespace rendezvous {
using boost::asio::ip::tcp;

std::vector<tcp::endpoint> resolve(boost::asio::io_context& io, const address& where) {
    namespace ip = boost::asio::ip;
    if (where.host == "localhost")
        return {{ip::address_v4::loopback(), where.port}, {ip::address_v6::loopback(), where.port}};
    boost::system::error_code ec;
    tcp::resolver resolver(io);
    const auto found = resolver.resolve(where.host, std::to_string(where.port),
                                        tcp::resolver::numeric_service, ec);
    if (ec) throw std::runtime_error("cannot resolve " + where.host + ": " + ec.message());
    std::vector<tcp::endpoint> endpoints(found.begin(), found.end());
    std::stable_partition(endpoints.begin(), endpoints.end(),
                          [](const tcp::endpoint& e) { return e.address().is_v4(); });
    return endpoints;
}

}  // namespace rendezvous

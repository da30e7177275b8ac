#include "common/net/peer_name.hpp"

#include <gtest/gtest.h>

using boost::asio::ip::make_address;
using boost::asio::ip::tcp;
using rendezvous::to_string;

TEST(PeerName, IsAddressAndPort) {
    EXPECT_EQ(to_string(tcp::endpoint(make_address("127.0.0.1"), 64208)), "127.0.0.1:64208");
}

TEST(PeerName, PutsIPv6InBrackets) {
    EXPECT_EQ(to_string(tcp::endpoint(make_address("::1"), 64208)), "[::1]:64208");
}

TEST(PeerName, KeepsTheScopeOfALinkLocalAddress) {
    const auto link_local = make_address("fe80::1%lo");
    EXPECT_EQ(to_string(tcp::endpoint(link_local, 1)), "[" + link_local.to_string() + "]:1");
}

TEST(PeerName, ShowsTheIPv4AddressOfAnIPv4ClientOfAnIPv6Socket) {
    EXPECT_EQ(to_string(tcp::endpoint(make_address("::ffff:192.0.2.1"), 7)), "192.0.2.1:7");
}

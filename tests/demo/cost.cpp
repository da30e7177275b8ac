#include "tests/demo/cost.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "tests/demo/stillness.hpp"
#include "tests/harness/text.hpp"

namespace rendezvous::demo {

using namespace std::chrono_literals;

namespace {

constexpr std::string_view said = "Hello from one of the crowd";

std::string printed(const char* format, double value) {
    char text[32];
    std::snprintf(text, sizeof text, format, value);
    return text;
}

}  // namespace

audience::audience(const harness::process& server, const harness::address& where)
    : server_(server),
      descriptors_(server.descriptors()),
      crowd_(talk_, where, harness::crowd::no_lines) {
    talk_.watch(&server);
    talk_.keep_to_yourself(true);
    crowd_.on_line = [this](auto&, std::string_view line) { heard_ += line.ends_with(said); };
}

void audience::grow_to(std::size_t clients) {
    auto& members = crowd_.members();
    while (members.size() < clients) crowd_.add();
    // The kernel also connects clients that the server does not accept, and a server may refuse a
    // client.  So this waits as long as the server is working.
    crowd_.try_until(
        [&] {
            return std::all_of(members.begin(), members.end(),
                               [](const auto& one) { return one.connected || one.ended; }) &&
                   server_.descriptors() >= descriptors_ + connected();
        },
        60s);
    settle();
}

// In a chat, announcements are still in flight when the server has accepted all clients.
void audience::settle() {
    stillness still({&server_});
    crowd_.try_until([&] { return still.so_far() >= 100ms; }, 60s, 60s);
}

std::size_t audience::talk(std::size_t speakers, std::size_t expected) {
    heard_ = 0;
    for (auto& one : crowd_.members()) {
        if (speakers == 0) break;
        --speakers;
        crowd_.send_line(one, said);
    }
    crowd_.try_until([&] { return heard_ >= expected; }, 100s);
    settle();
    return heard_;
}

void audience::listen(harness::milliseconds span) {
    crowd_.try_until([] { return false; }, span, span);
}

std::size_t audience::connected() const {
    auto& members = const_cast<harness::crowd&>(crowd_).members();
    return static_cast<std::size_t>(
        std::count_if(members.begin(), members.end(),
                      [](const auto& one) { return one.connected && !one.ended; }));
}

cost audience::now() const {
    return {connected(),
            server_.thread_names().size(),
            server_.resident_bytes(),
            server_.address_space(),
            server_.descriptors(),
            double(server_.activity().processor_ns) / 1e9};
}

std::string grouped(std::size_t n) {
    auto words = harness::counted(n, "");
    return words.substr(0, words.find(' '));
}

std::string size(std::uint64_t bytes) {
    auto amount = double(bytes);
    if (amount < 999'500) return printed("%.0f KB", amount / 1e3);
    if (amount < 99'950'000) return printed("%.1f MB", amount / 1e6);
    return grouped(static_cast<std::size_t>(std::lround(amount / 1e6))) + " MB";
}

std::string cost_of_one(const cost& without, const cost& with) {
    auto clients = double(with.clients - without.clients);
    auto share = [&](auto cost::*what) {
        return std::max(0.0, double(with.*what) - double(without.*what)) / clients;
    };
    auto threads = std::lround(share(&cost::threads));
    auto bytes = [&](std::uint64_t cost::*what) {
        return size(static_cast<std::uint64_t>(share(what)));
    };
    return "Each client costs " + bytes(&cost::address_space) + " of address space, " +
           bytes(&cost::memory) + " of memory and " +
           (threads ? harness::counted(std::size_t(threads), "thread") : "no thread") + ".";
}

}  // namespace rendezvous::demo

// What connected clients cost a server: threads, memory, descriptors and processor time.
#pragma once
#include <cstdint>
#include <string>

#include "tests/harness/conversation.hpp"
#include "tests/harness/crowd.hpp"
#include "tests/harness/process.hpp"
#include "tests/harness/settings.hpp"

namespace rendezvous::demo {

struct cost {
    std::size_t clients = 0;  // that are connected
    std::size_t threads = 0;
    std::uint64_t memory = 0;         // bytes: what is resident
    std::uint64_t address_space = 0;  // bytes: what is mapped, used or not
    std::size_t descriptors = 0;
    double processor = 0;  // seconds, since the server was started
};

// Clients that connect, read what comes, and send nothing unless they are told to.
class audience {
public:
    audience(const harness::process& server, const harness::address& where);

    // Connects until this many clients are connected, and waits until the server has accepted them
    // or does nothing more.
    void grow_to(std::size_t clients);
    // The first `speakers` send one line each.  Returns how many lines arrived: `expected`, or
    // fewer if nothing more comes.
    std::size_t talk(std::size_t speakers, std::size_t expected);
    // Reads what comes, for so long.
    void listen(harness::milliseconds span);

    std::size_t connected() const;
    cost now() const;

private:
    void settle();

    const harness::process& server_;
    const std::size_t descriptors_;  // of a server that is alone
    harness::conversation talk_;
    harness::crowd crowd_;
    std::size_t heard_ = 0;
};

// 1,000
std::string grouped(std::size_t);
// 11 KB, 4.3 MB, 8,277 MB
std::string size(std::uint64_t bytes);
// "Each client costs 8.3 MB of address space, 12 KB of memory and 1 thread."
std::string cost_of_one(const cost& without, const cost& with);

}  // namespace rendezvous::demo

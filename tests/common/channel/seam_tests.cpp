// The seam: what the channels ask of a policy, and report to it.
#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <optional>
#include <ratio>
#include <vector>

#include "common/channel/channel.hpp"
#include "tests/common/channel/staged.hpp"

using namespace std::chrono_literals;

namespace rendezvous::testing {
namespace {

class Seam : public Staged {};

TEST_F(Seam, ConstructionIsReported) {
    channel c("c");
    EXPECT_EQ(staged::events, (strings{"opened c"}));
}

TEST_F(Seam, EndIsReportedToEachReceiver) {
    channel c("c");
    staged::forget();
    staged::while_parked = [&] {
        staged::while_parked = [&] { c.close(); };
        EXPECT_EQ(c.receive(), std::nullopt);
    };
    EXPECT_EQ(c.receive(), std::nullopt);
    EXPECT_EQ(staged::events,
              (strings{"waits: receive c", "waits: receive c", "closed c", "fired: receive c of 1",
                       "end of c", "fired: receive c of 1", "end of c"}));
    staged::forget();
    EXPECT_TRUE(c.try_receive().closed());
    EXPECT_EQ(staged::events, (strings{"fired: receive c of 1", "end of c"}));
}

TEST_F(Seam, TimeoutIsReported) {
    channel a("a"), b("b");
    staged::forget();
    select(on_receive(a, unexpected), on_send(b, 1, unexpected), after(5s));
    EXPECT_EQ(staged::events,
              (strings{"waits: receive a, send b, or a deadline", "timeout: receive a, send b"}));
    EXPECT_EQ(staged::time, detail::time_point(1h + 5s));
}

TEST_F(Seam, NothingIsReportedIfNoCaseIsReady) {
    channel c("c");
    staged::forget();
    EXPECT_FALSE(c.try_send(1));
    EXPECT_FALSE(c.try_receive());
    select(on_receive(c, unexpected), otherwise());
    EXPECT_EQ(staged::events, strings());
}

TEST_F(Seam, SelectThatNoPeerCanEndParksForever) {
    channel* const none = nullptr;
    EXPECT_THROW(select(on_receive(none), on_send(none, 1)), parked_forever);
    EXPECT_THROW(detail::select_with<staged>(), parked_forever);

    channel c;
    EXPECT_THROW(select(on_send(c, 1), on_receive(c)), parked_forever) << "it met itself";
    EXPECT_FALSE(c.try_send(1)) << "the record of its receive is still in the queue";
    EXPECT_FALSE(c.try_receive()) << "the record of its send is still in the queue";
}

TEST_F(Seam, PeerMayClaimAWaiterThatIsNotParkedYet) {
    // The case records are published, and the task still runs.
    channel a("a"), b("b");
    std::optional<int> received;
    staged::when_unlocked = [&] { EXPECT_TRUE(b.try_send(7)); };
    select(on_receive(a, unexpected), on_receive(b, [&](int i) { received = i; }));
    EXPECT_EQ(received, 7);
}

TEST_F(Seam, NoRandomChoiceIsMadeForOneCase) {
    channel c(1, "c");
    channel* const none = nullptr;
    c.send(1);
    select(on_receive(none), on_receive(c), on_send(none, 1));
    select(on_receive(c), otherwise());
    EXPECT_EQ(staged::choices_of, std::vector<std::size_t>());
}

TEST_F(Seam, AfterTakesAnyKindOfDuration) {
    channel c("c");
    const auto passes = [&](auto delay) {
        const auto start = staged::time;
        select(on_receive(c, unexpected), after(delay));
        return staged::time - start;
    };
    EXPECT_EQ(passes(1ns), 1ns);
    EXPECT_EQ(passes(std::chrono::duration<double>(0.5)), 500ms);
    EXPECT_EQ(passes(std::chrono::duration<double, std::nano>(1.5)), 2ns) << "never too early";
    EXPECT_EQ(passes(-3s), 0s);
    EXPECT_EQ(passes(std::chrono::hours::min()), 0s);
    EXPECT_EQ(passes(std::chrono::hours::max()), 24h * 365 * 100);
}

}  // namespace
}  // namespace rendezvous::testing

#include "tests/harness/capability.hpp"

#include <gmock/gmock.h>

#include <set>

#include "tests/harness/text.hpp"

namespace rendezvous::harness {
namespace {

// What the stage says, what was observed, and the verdict.
TEST(Capability, TableOfVerdicts) {
    const observation holds{observation::holds, "it works."};
    const observation missing{observation::missing, "a line was lost."};
    const observation otherwise{observation::otherwise, "it died."};
    struct {
        promise promised;
        observation saw;
        bool foreign;
        enum verdict::rank rank;
        bool passes;
    } const table[] = {
        {promise::holds, holds, false, verdict::as_promised, true},
        {promise::holds, holds, true, verdict::as_promised, true},
        {promise::holds, missing, false, verdict::worse, false},
        {promise::holds, missing, true, verdict::worse, false},
        {promise::holds, otherwise, false, verdict::otherwise, false},
        {promise::holds, otherwise, true, verdict::otherwise, false},
        {promise::missing, missing, false, verdict::as_missing, true},
        {promise::missing, missing, true, verdict::as_missing, true},
        // A stage of ours that does more than it says fails; a foreign server passes.
        {promise::missing, holds, false, verdict::better, false},
        {promise::missing, holds, true, verdict::better, true},
        {promise::missing, otherwise, false, verdict::otherwise, false},
        {promise::missing, otherwise, true, verdict::otherwise, false},
        // An exercise may leave it open.
        {promise::either, holds, false, verdict::as_promised, true},
        {promise::either, missing, false, verdict::as_missing, true},
        {promise::either, otherwise, false, verdict::otherwise, false},
    };
    for (const auto& row : table) {
        auto result = judge("order", row.promised, row.saw, row.foreign);
        EXPECT_EQ(result.rank, row.rank) << result.sentence;
        EXPECT_EQ(result.passes, row.passes) << result.sentence;
        EXPECT_THAT(result.sentence, testing::HasSubstr(row.saw.story));
    }
}

TEST(Capability, StageThatDoesMoreThanItSaysFailsWithTheReason) {
    EXPECT_EQ(judge("order", promise::missing, {observation::holds, "it works."}, false).sentence,
              "Better than its manifest: stage.json says that \"order\" is missing, and it holds: "
              "it works.");
}

TEST(Capability, EachHasANameOfItsOwnAndASuite) {
    std::set<std::string> names;
    for (const auto& one : capabilities()) {
        EXPECT_TRUE(names.insert(one.name).second) << one.name;
        EXPECT_EQ(capability_of_suite(camel_case(one.name)), &one);
        EXPECT_EQ(find_capability(one.name), &one);
        EXPECT_EQ(one.meaning.back(), '.') << one.name;
        EXPECT_EQ(one.look_at.back(), '.') << one.name;
    }
    EXPECT_EQ(find_capability("telepathy"), nullptr);
}

TEST(Capability, NamesAreThoseOfTheManifests) {
    for (const char* name : {"echo", "many clients", "chat", "order", "exactly once", "last lines",
                             "newcomer misses nothing", "leaver misses nothing",
                             "slow reader isolated", "slow reader bounded"})
        EXPECT_NE(find_capability(name), nullptr) << name;
}

}  // namespace
}  // namespace rendezvous::harness

#include "tests/harness/selection.hpp"

#include <gmock/gmock.h>

namespace rendezvous::harness {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(Selection, NamesOfCapabilitiesSuitesAndTestsBecomeAFilter) {
    EXPECT_EQ(filter_for({"last lines"}), "LastLines.*");
    EXPECT_EQ(filter_for({"Chat"}), "Chat.*");
    EXPECT_EQ(filter_for({"Chat.EmptyLineIsALine"}), "Chat.EmptyLineIsALine");
    EXPECT_EQ(filter_for({"*Line*", "order"}), "*Line*:Order.*");
    EXPECT_EQ(filter_for({"no such thing"}), "no such thing.*");
}

// Sets GoogleTest's own filter back.
class Selecting : public testing::Test {
protected:
    ~Selecting() override { GTEST_FLAG_SET(filter, before_); }

    static std::string selected(const settings& how, const std::vector<std::string>& only = {}) {
        GTEST_FLAG_SET(filter, "*");
        select_tests(how, only);
        return GTEST_FLAG_GET(filter);
    }

private:
    const std::string before_ = GTEST_FLAG_GET(filter);
};

TEST_F(Selecting, SuitesOfAnotherKindOfServerAreLeftOut) {
    settings own;
    EXPECT_EQ(selected(own), "*-Echo.*:");
    own.stage.emplace().kind = kind::echo;
    EXPECT_NE(selected(own).find("Chat.*:"), std::string::npos);
    EXPECT_EQ(selected(own).find("Echo.*"), std::string::npos);
}

TEST_F(Selecting, CommandLineAndShutdownAreTestedOfAForeignServerOnlyIfStrict) {
    settings foreign;
    foreign.foreign = true;
    EXPECT_EQ(selected(foreign), "*-Echo.*:CommandLine.*:Shutdown.*:");
    foreign.strict = true;
    EXPECT_EQ(selected(foreign), "*-Echo.*:");
}

TEST_F(Selecting, QuickSelectsTheCapabilitiesInStageJsonUnlessToldOtherwise) {
    settings quick;
    quick.quick = true;
    EXPECT_THAT(selected(quick), testing::AllOf(HasSubstr("CommandLine.*:"), HasSubstr("Crowd.*:"),
                                                Not(HasSubstr("Chat.*"))));
    EXPECT_EQ(selected(quick, {"crowd"}), "Crowd.*-Echo.*:");
}

}  // namespace
}  // namespace rendezvous::harness

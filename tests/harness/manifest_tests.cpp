#include "tests/harness/manifest.hpp"

#include <gmock/gmock.h>

#include <fstream>

namespace rendezvous::harness {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

// A folder of stages of its own for each test.
class Manifest : public testing::Test {
protected:
    void SetUp() override {
        char name[] = "/tmp/manifest.XXXXXX";
        root_ = ::mkdtemp(name);
        add("08-before", "{}");
    }
    void TearDown() override { fs::remove_all(root_); }

    void add(const std::string& stage, const std::string& json) {
        fs::create_directories(root_ / stage);
        std::ofstream(root_ / stage / "stage.json") << json;
    }

    // A correct one, with one thing replaced.
    std::string with(const std::string& from, const std::string& to) {
        std::string json = R"({
  "title": "Fibers", "question": "how?", "builds_on": "08-before", "kind": "chat",
  "model": "fibers", "minutes": 90,
  "capabilities": {
    "many clients": "holds", "chat": "holds", "order": "holds", "exactly once": "holds",
    "last lines": "holds", "newcomer misses nothing": "missing", "leaver misses nothing": "missing",
    "slow reader isolated": "missing", "slow reader bounded": "holds" },
  "exercises": [] })";
        auto at = json.find(from);
        EXPECT_NE(at, std::string::npos) << from;
        return json.replace(at, from.size(), to);
    }

    std::string complaint(const std::string& json) {
        add("09-x", json);
        try {
            read_manifest(root_ / "09-x");
        } catch (const setup_error& why) {
            return why.what();
        }
        return "no complaint";
    }

    fs::path root_;
};

TEST_F(Manifest, CorrectManifestIsRead) {
    add("09-x", with("[]", "[]"));
    auto stage = read_manifest(root_ / "09-x");
    EXPECT_EQ(stage.folder, "09-x");
    EXPECT_EQ(stage.kind, kind::chat);
    EXPECT_EQ(stage.builds_on, "08-before");
    EXPECT_EQ(stage.minutes, 90);
    EXPECT_TRUE(stage.holds("last lines"));
    EXPECT_TRUE(stage.names("slow reader isolated"));
    EXPECT_FALSE(stage.holds("slow reader isolated"));
    EXPECT_FALSE(stage.names("echo"));
    EXPECT_EQ(read_manifest(root_ / "09-x" / "stage.json").title, "Fibers")
        << "by the file as well";
}

TEST_F(Manifest, FileThatIsNotThereIsNamed) {
    try {
        read_manifest(root_ / "10-y");
        FAIL();
    } catch (const setup_error& why) {
        EXPECT_EQ(why.what(), "cannot read " + (root_ / "10-y").string() + ": no such file");
    }
}

TEST_F(Manifest, EveryMistakeNamesTheFileAndTheThing) {
    auto file = (root_ / "09-x" / "stage.json").string();
    EXPECT_THAT(complaint("{"), HasSubstr(file + ": is not JSON: "));
    EXPECT_THAT(complaint("[]"), HasSubstr(file + ": is not a JSON object"));
    EXPECT_THAT(complaint(with("\"title\"", "\"titel\"")),
                HasSubstr("unknown key \"titel\"; there are"));
    EXPECT_THAT(complaint(with("\"minutes\": 90,", "")), HasSubstr(": has no \"minutes\""));
    EXPECT_THAT(complaint(with("90", "\"90\"")),
                HasSubstr("\"minutes\" must be a whole number above 0"));
    EXPECT_THAT(complaint(with("\"how?\"", "\"\"")), HasSubstr("\"question\" must be a text"));
    EXPECT_THAT(
        complaint(with("\"chat\",", "\"chatter\",")),
        HasSubstr("\"kind\" is \"chatter\"; it must be one of \"client\", \"echo\", \"chat\""));
    EXPECT_THAT(complaint(with("08-before", "07-gone")),
                HasSubstr("\"builds_on\" names \"07-gone\""));
    EXPECT_THAT(complaint(with("\"order\"", "\"ordre\"")),
                HasSubstr("unknown capability \"ordre\""));
    EXPECT_THAT(complaint(with("\"order\"", "\"shutdown\"")),
                HasSubstr("unknown capability \"shutdown\""));
    EXPECT_THAT(complaint(with("\"order\"", "\"echo\"")),
                HasSubstr("\"echo\", which a stage of kind \"chat\" does not have"));
    EXPECT_THAT(complaint(with("\"order\": \"holds\"", "\"order\": \"hold\"")),
                HasSubstr("says \"hold\" of \"order\"; it must be \"holds\" or \"missing\""));
    EXPECT_THAT(complaint(with("\"order\": \"holds\"", "\"order\": \"missing\"")),
                HasSubstr("says that \"order\" is missing, and no test knows how that looks"));
    EXPECT_THAT(complaint(with("\"order\": \"holds\",", "")),
                HasSubstr("does not say whether \"order\" holds"));
    EXPECT_THAT(complaint(with("[]", "{}")), HasSubstr("\"exercises\" must be a list"));
    EXPECT_THAT(complaint(with("[]", "[\"roster\"]")),
                HasSubstr("\"exercises\" must be a list of objects"));
}

TEST_F(Manifest, EveryMistakeInAnExerciseNamesTheExerciseAndTheThing) {
    fs::create_directories(root_ / "09-x" / "exercises");
    for (const char* file : {"gap.md", "gap.patch", "bare.md"})
        std::ofstream(root_ / "09-x" / "exercises" / file) << "x";
    auto of = [&](const std::string& list) { return complaint(with("[]", "[" + list + "]")); };
    auto gap = [&](const std::string& rest) {
        return of(R"({"name": "gap", "asks": "close it", )" + rest + "}");
    };
    auto change = [&](const std::string& capabilities) {
        return gap(R"("capabilities": {)" + capabilities + "}");
    };
    const std::string good = R"("newcomer misses nothing": "holds")";
    EXPECT_EQ(change(good), "no complaint");

    EXPECT_THAT(of("{}"), HasSubstr("an exercise has no \"name\""));
    EXPECT_THAT(of(R"({"name": "roster"})"),
                HasSubstr("has the exercise \"roster\", and there is no exercises/roster.md"));
    EXPECT_THAT(of(R"({"name": "bare"})"),
                HasSubstr("has the exercise \"bare\", and there is no exercises/bare.patch"));
    EXPECT_THAT(of(R"({"name": "gap"})"), HasSubstr("the exercise \"gap\" has no \"asks\""));
    EXPECT_THAT(gap(R"("tets": "Gap")"),
                HasSubstr("the exercise \"gap\" has an unknown key \"tets\"; there are \"name\""));
    EXPECT_THAT(gap(R"("tests": true)"),
                HasSubstr("\"tests\" of the exercise \"gap\" must be a text"));
    EXPECT_THAT(gap(R"("tests": "Gap", "adds": "is here")"),
                HasSubstr("\"adds\" of the exercise \"gap\" must begin with \"A \""));
    EXPECT_THAT(change(R"("newcommer": "holds")"),
                HasSubstr("the exercise \"gap\" has an unknown capability \"newcommer\""));
    EXPECT_THAT(change(R"("newcomer misses nothing": "hold")"),
                HasSubstr("says \"hold\" of \"newcomer misses nothing\"; it must be \"holds\", "
                          "\"missing\" or \"either\""));
    EXPECT_THAT(change(R"("newcomer misses nothing": true)"), HasSubstr("says true of"));
    EXPECT_THAT(change(R"("newcomer misses nothing": "missing")"),
                HasSubstr("as the stage does: that is no change"));
    EXPECT_THAT(change(R"("order": "missing")"), HasSubstr("no test knows how that looks"));
    EXPECT_THAT(change(R"("newcomer misses nothing": "either")"),
                HasSubstr("changes no capability and has no \"tests\": nothing would decide"));
    const auto twice = R"({"name": "gap", "asks": "x", "capabilities": {)" + good + "}}";
    EXPECT_THAT(of(twice + ", " + twice), HasSubstr("has two exercises \"gap\""));
}

TEST_F(Manifest, ExerciseSaysWhatChanges) {
    fs::create_directories(root_ / "09-x" / "exercises");
    for (const char* file : {"gap.md", "gap.patch"})
        std::ofstream(root_ / "09-x" / "exercises" / file) << "x";
    add("09-x", with("[]", R"([{"name": "gap", "asks": "Close it.", "tests": "Gap",
        "adds": "A is here", "capabilities": {"newcomer misses nothing": "holds",
        "leaver misses nothing": "either"}}])"));
    auto stage = read_manifest(root_ / "09-x");
    const auto& gap = stage.find_exercise("gap");
    EXPECT_EQ(gap.asks, "Close it.");
    EXPECT_EQ(gap.tests, "Gap");
    EXPECT_EQ(gap.adds, "A is here");
    auto solved = stage.with_solved(gap);
    EXPECT_TRUE(solved.holds("newcomer misses nothing"));
    EXPECT_EQ(solved.says("leaver misses nothing"), promise::either);
    EXPECT_FALSE(solved.holds("slow reader isolated"));
    EXPECT_FALSE(stage.holds("newcomer misses nothing")) << "the stage is as it was";
    try {
        stage.find_exercise("gab");
        FAIL();
    } catch (const setup_error& why) {
        EXPECT_STREQ(why.what(), "09-x has no exercise \"gab\"; there is \"gap\"");
    }
}

TEST_F(Manifest, EchoStageHasTheCapabilitiesOfEcho) {
    add("01-e", R"({"title": "E", "question": "q", "builds_on": null, "kind": "echo",
        "model": "m", "minutes": 1,
        "capabilities": {"echo": "holds", "many clients": "missing"},
        "exercises": []})");
    auto stage = read_manifest(root_ / "01-e");
    EXPECT_EQ(stage.builds_on, std::nullopt);
    EXPECT_TRUE(stage.holds("echo"));
}

}  // namespace
}  // namespace rendezvous::harness

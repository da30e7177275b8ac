#include "tests/harness/manifest.hpp"

#include <fstream>
#include <nlohmann/json.hpp>

namespace rendezvous::harness {

namespace {

using nlohmann::json;
namespace fs = std::filesystem;

const std::vector<std::string> keys = {"title", "question", "builds_on",    "kind",
                                       "model", "minutes",  "capabilities", "exercises"};

const std::vector<std::string> exercise_keys = {"name", "asks", "capabilities", "tests", "adds"};

std::string in_quotes(const std::string& text) { return "\"" + text + "\""; }

std::string listed(const std::vector<std::string>& names) {
    std::string all;
    for (const auto& name : names) all += (all.empty() ? "" : ", ") + in_quotes(name);
    return all;
}

class reader {
public:
    explicit reader(fs::path file) : file_(std::move(file)) {
        std::ifstream in(file_);
        if (!in) throw setup_error("cannot read " + file_.string() + ": no such file");
        try {
            document_ = json::parse(in);
        } catch (const json::parse_error& error) {
            wrong("is not JSON: " + std::string(error.what()));
        }
        if (!document_.is_object()) wrong("is not a JSON object");
        for (const auto& [key, value] : document_.items())
            if (std::find(keys.begin(), keys.end(), key) == keys.end())
                wrong("has an unknown key " + in_quotes(key) + "; there are " + listed(keys));
        for (const auto& key : keys)
            if (!document_.contains(key)) wrong("has no " + in_quotes(key));
    }

    manifest read() const {
        manifest m;
        m.folder = folder().filename().string();
        m.title = text("title");
        m.question = text("question");
        m.model = text("model");
        m.builds_on = builds_on();
        m.kind = kind();
        m.minutes = minutes();
        m.capabilities = capabilities(m.kind);
        m.exercises = exercises(m);
        return m;
    }

private:
    [[noreturn]] void wrong(const std::string& what) const {
        throw setup_error(file_.string() + ": " + what);
    }

    fs::path folder() const { return fs::absolute(file_).lexically_normal().parent_path(); }

    std::string text(const std::string& key) const {
        const auto& value = document_.at(key);
        if (!value.is_string() || value.get<std::string>().empty())
            wrong(in_quotes(key) + " must be a text that is not empty");
        return value.get<std::string>();
    }

    int minutes() const {
        const auto& value = document_.at("minutes");
        if (!value.is_number_integer() || value.get<int>() <= 0)
            wrong("\"minutes\" must be a whole number above 0");
        return value.get<int>();
    }

    std::optional<std::string> builds_on() const {
        if (document_.at("builds_on").is_null()) return {};
        auto other = text("builds_on");
        if (!fs::exists(folder().parent_path() / other / "stage.json"))
            wrong("\"builds_on\" names " + in_quotes(other) +
                  ", and there is no such stage beside it");
        return other;
    }

    harness::kind kind() const {
        auto value = text("kind");
        if (value == "client") return kind::client;
        if (value == "echo") return kind::echo;
        if (value == "chat") return kind::chat;
        wrong("\"kind\" is " + in_quotes(value) + "; it must be one of " +
              listed({"client", "echo", "chat"}));
    }

    std::map<std::string, promise> capabilities(harness::kind kind) const {
        const auto& value = document_.at("capabilities");
        if (!value.is_object()) wrong("\"capabilities\" must be an object");
        std::map<std::string, promise> result;
        for (const auto& [name, says] : value.items()) {
            const auto* known = find_capability(name);
            if (!known || known->always)
                wrong("has an unknown capability " + in_quotes(name) + "; there are " +
                      listed(known_names(kind)));
            if (!known->applies_to(kind))
                wrong("names the capability " + in_quotes(name) + ", which a stage of kind " +
                      document_.at("kind").dump() + " does not have");
            if (says != "holds" && says != "missing")
                wrong("says " + says.dump() + " of " + in_quotes(name) +
                      "; it must be \"holds\" or \"missing\"");
            if (says == "missing" && !known->observable)
                wrong("says that " + in_quotes(name) +
                      " is missing, and no test knows how that looks: it must hold");
            result[name] = says == "holds" ? promise::holds : promise::missing;
        }
        for (const auto& name : known_names(kind))
            if (!result.count(name)) wrong("does not say whether " + in_quotes(name) + " holds");
        return result;
    }

    std::vector<exercise> exercises(const manifest& stage) const {
        const auto& value = document_.at("exercises");
        if (!value.is_array()) wrong("\"exercises\" must be a list");
        std::vector<exercise> all;
        for (const auto& one : value) {
            all.push_back(read_exercise(one, stage));
            for (std::size_t i = 0; i + 1 < all.size(); ++i)
                if (all[i].name == all.back().name)
                    wrong("has two exercises " + in_quotes(all[i].name));
        }
        return all;
    }

    exercise read_exercise(const json& object, const manifest& stage) const {
        if (!object.is_object()) wrong("\"exercises\" must be a list of objects");
        exercise one;
        one.name = text_of(object, "name", "an exercise");
        const auto whose = "the exercise " + in_quotes(one.name);
        for (const auto& [key, value] : object.items())
            if (std::find(exercise_keys.begin(), exercise_keys.end(), key) == exercise_keys.end())
                wrong(whose + " has an unknown key " + in_quotes(key) + "; there are " +
                      listed(exercise_keys));
        for (const char* ending : {".md", ".patch"}) {
            auto file = fs::path("exercises") / (one.name + ending);
            if (!fs::exists(folder() / file))
                wrong("has " + whose + ", and there is no " + file.string());
        }
        one.asks = text_of(object, "asks", whose);
        if (object.contains("tests")) one.tests = text_of(object, "tests", whose);
        if (object.contains("adds")) one.adds = text_of(object, "adds", whose);
        if (!one.adds.empty() && one.adds.rfind("A ", 0) != 0)
            wrong("\"adds\" of " + whose + " must begin with \"A \", for any address");
        if (object.contains("capabilities"))
            one.capabilities = changes(object.at("capabilities"), whose, stage);
        bool changes_one =
            std::any_of(one.capabilities.begin(), one.capabilities.end(),
                        [](const auto& change) { return change.second != promise::either; });
        if (one.tests.empty() && !changes_one)
            wrong(whose + " changes no capability and has no \"tests\": nothing would decide");
        return one;
    }

    std::map<std::string, promise> changes(const json& object, const std::string& whose,
                                           const manifest& stage) const {
        if (!object.is_object()) wrong("\"capabilities\" of " + whose + " must be an object");
        const std::map<std::string, promise> words = {
            {"holds", promise::holds}, {"missing", promise::missing}, {"either", promise::either}};
        std::map<std::string, promise> result;
        for (const auto& [name, says] : object.items()) {
            if (!stage.names(name))
                wrong(whose + " has an unknown capability " + in_quotes(name) + "; there are " +
                      listed(known_names(stage.kind)));
            auto word = says.is_string() ? words.find(says.get<std::string>()) : words.end();
            if (word == words.end())
                wrong(whose + " says " + says.dump() + " of " + in_quotes(name) +
                      "; it must be \"holds\", \"missing\" or \"either\"");
            if (!find_capability(name)->observable)
                wrong(whose + " says " + says.dump() + " of " + in_quotes(name) +
                      ", and no test knows how that looks where it is missing");
            if (word->second == stage.says(name))
                wrong(whose + " says " + says.dump() + " of " + in_quotes(name) +
                      ", as the stage does: that is no change");
            result[name] = word->second;
        }
        return result;
    }

    std::string text_of(const json& object, const std::string& key,
                        const std::string& whose) const {
        if (!object.contains(key)) wrong(whose + " has no " + in_quotes(key));
        const auto& value = object.at(key);
        if (!value.is_string() || value.get<std::string>().empty())
            wrong(in_quotes(key) + " of " + whose + " must be a text that is not empty");
        return value.get<std::string>();
    }

    static std::vector<std::string> known_names(harness::kind kind) {
        std::vector<std::string> names;
        for (const auto& one : harness::capabilities())
            if (!one.always && one.applies_to(kind)) names.push_back(one.name);
        return names;
    }

    fs::path file_;
    json document_;
};

}  // namespace

const exercise& manifest::find_exercise(const std::string& name) const {
    std::vector<std::string> names;
    for (const auto& one : exercises) {
        if (one.name == name) return one;
        names.push_back(one.name);
    }
    throw setup_error(folder + " has no exercise " + in_quotes(name) + "; there " +
                      (names.size() == 1 ? "is " : "are ") +
                      (names.empty() ? "none" : listed(names)));
}

manifest manifest::with_solved(const exercise& one) const {
    auto solved = *this;
    for (const auto& [name, says] : one.capabilities) solved.capabilities[name] = says;
    return solved;
}

manifest read_manifest(const fs::path& where) {
    return reader(fs::is_directory(where) ? where / "stage.json" : where).read();
}

}  // namespace rendezvous::harness

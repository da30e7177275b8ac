// stage.json: what a stage is, and what it says of itself.  It is read strictly: a misspelled
// capability must not silently go untested.
#pragma once
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tests/harness/capability.hpp"
#include "tests/harness/process.hpp"  // setup_error

namespace rendezvous::harness {

// What a learner is asked to change in a copy of the stage's program.
struct exercise {
    std::string name = {};                             // close-the-gap
    std::string asks = {};                             // in a sentence or two
    std::map<std::string, promise> capabilities = {};  // that change, or may
    std::string tests = {};  // a suite of the stage's exercise tests, or Suite.Test; empty: none
    std::string adds = {};   // a line that other tests pass over: "A is here", for any address A
};

struct manifest {
    std::string folder;  // 09-fiber-select
    std::string title, question, model;
    std::optional<std::string> builds_on;  // another stage's folder
    harness::kind kind = kind::chat;
    int minutes = 0;
    std::map<std::string, promise> capabilities;
    std::vector<exercise> exercises;

    bool names(const std::string& capability) const { return capabilities.count(capability) != 0; }
    promise says(const std::string& capability) const {
        auto found = capabilities.find(capability);
        return found == capabilities.end() ? promise::missing : found->second;
    }
    bool holds(const std::string& capability) const { return says(capability) == promise::holds; }
    // Throws setup_error, which says which exercises there are.
    const exercise& find_exercise(const std::string& name) const;
    // As it is when the exercise is solved.
    manifest with_solved(const exercise&) const;
};

// `where` is a stage's folder or its stage.json.  Throws setup_error, whose text names the file and
// the thing in it that is wrong.
manifest read_manifest(const std::filesystem::path& where);

}  // namespace rendezvous::harness

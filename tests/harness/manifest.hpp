// stage.json: what a stage is, and which capabilities it has.  It is read strictly, so that a
// misspelled capability does not silently go untested.
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
    std::string asks = {};                             // the task, in a sentence or two
    std::map<std::string, promise> capabilities = {};  // those that change, or may change
    std::string tests = {};  // a suite of the stage's exercise tests, or Suite.Test; empty: none
    std::string adds = {};   // a line that other tests ignore: "A is here", for any address A
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
    // Throws setup_error, whose text lists the exercises of the stage.
    const exercise& find_exercise(const std::string& name) const;
    // The manifest of the stage once the exercise is solved.
    manifest with_solved(const exercise&) const;
};

// `where` is a stage's folder or its stage.json.  Throws setup_error, whose text names the file and
// the entry that is wrong.
manifest read_manifest(const std::filesystem::path& where);

}  // namespace rendezvous::harness

// stage.json: what a stage is, and what it says of itself.  Read strictly: what is misspelt must
// not be silently untested.
#pragma once
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tests/harness/capability.hpp"
#include "tests/harness/process.hpp"  // cannot

namespace rendezvous::harness {

struct manifest {
    std::string folder;  // 09-fiber-select
    std::string title, question, model;
    std::optional<std::string> builds_on;  // another stage's folder
    harness::kind kind = kind::chat;
    int minutes = 0;
    std::map<std::string, promise> capabilities;
    std::vector<std::string> exercises;

    bool names(const std::string& capability) const { return capabilities.count(capability) != 0; }
    bool holds(const std::string& capability) const {
        auto found = capabilities.find(capability);
        return found != capabilities.end() && found->second == promise::holds;
    }
};

// `where` is a stage's folder or its stage.json.  Throws cannot, whose text names the file and the
// thing in it that is wrong.
manifest read_manifest(const std::filesystem::path& where);

}  // namespace rendezvous::harness

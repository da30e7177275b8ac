// What a server of the course can be able to do, by the names that stage.json uses, and what it
// means to have been seen doing it.
#pragma once
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace rendezvous::harness {

enum class kind { client, echo, chat };

struct capability {
    std::string name;       // as in stage.json; the suite that judges it is called camel_case(name)
    std::string meaning;    // what holds where it holds, in a sentence
    std::string look_at;    // where the reason lies, mostly, when it does not
    std::string book = {};  // why the book's own program is known not to have it, in a sentence
    bool for_echo = false;
    bool for_chat = false;
    // A test knows how it looks when it is missing; without that no stage may say so.
    bool observable = false;
    // Promises of every server rather than capabilities: not in stage.json.
    bool always = false;

    bool applies_to(kind k) const {
        return (k == kind::echo && for_echo) || (k == kind::chat && for_chat);
    }
};

const std::vector<capability>& capabilities();
const capability* find_capability(const std::string& name);
const capability* capability_of_suite(const std::string& suite);

// `either` is for exercises only, of what a solution may bring along or give up.
enum class promise { holds, missing, either };

// What a test saw.  `missing` is only said where it is missing in the way that the notes of a stage
// describe; anything else that goes wrong is `otherwise`, whatever the stage says.
struct observation {
    enum what { holds, missing, otherwise } seen;
    std::string story;  // a sentence: how it showed
};

struct verdict {
    enum rank { as_promised, as_missing, better, worse, otherwise } rank;
    bool passes;
    std::string sentence;
};

// Strict for the course's own stages: one that is better than it says is as wrong as one that is
// worse.  For somebody else's program it is said, not held against it.
verdict judge(const std::string& capability, promise, const observation&, bool foreign);

}  // namespace rendezvous::harness

// The capabilities of servers, by the names that stage.json uses, and how an observed capability is
// judged.
#pragma once
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace rendezvous::harness {

enum class kind { client, echo, chat };

struct capability {
    std::string name;       // as in stage.json; the suite that judges it is called camel_case(name)
    std::string meaning;    // one sentence: what a server that has it does
    std::string look_at;    // where to look first in a server that does not have it
    std::string book = {};  // one sentence: why the book's own program does not have it
    bool for_echo = false;
    bool for_chat = false;
    // A test can observe that it is missing.  Otherwise no stage may say that it is.
    bool observable = false;
    // Every server promises it, so it is not in stage.json.
    bool always = false;

    bool applies_to(kind k) const {
        return (k == kind::echo && for_echo) || (k == kind::chat && for_chat);
    }
};

const std::vector<capability>& capabilities();
const capability* find_capability(const std::string& name);
const capability* capability_of_suite(const std::string& suite);

// `either` is for exercises only: a solution may have the capability or not.
enum class promise { holds, missing, either };

// What a test observed.  `missing` means missing in the way that the notes of a stage describe;
// anything else that goes wrong is `otherwise`, whatever the stage says.
struct observation {
    enum what { holds, missing, otherwise } seen;
    std::string story;  // one sentence: what was observed
};

struct verdict {
    enum rank { as_promised, as_missing, better, worse, otherwise } rank;
    bool passes;
    std::string sentence;
};

// The course's own stages are judged strictly: a stage that does more than its manifest says fails,
// just like one that does less.  For a foreign server, doing more is reported and passes.
verdict judge(const std::string& capability, promise, const observation&, bool foreign);

}  // namespace rendezvous::harness

// What another concurrency model changes although the two servers answer alike: the cost of a
// client.
#include <algorithm>

#include "tests/demo/cost.hpp"
#include "tests/demo/scenes.hpp"
#include "tests/harness/text.hpp"

namespace rendezvous::demo {

namespace {

constexpr std::size_t many = 1000;

std::string right(const std::string& text, std::size_t width) {
    return std::string(width - std::min(width, text.size()), ' ') + text;
}

std::string figures(const cost& one) {
    return right(grouped(one.threads), 7) + right(size(one.memory), 10) +
           right(size(one.address_space), 12);
}

}  // namespace

void cost_of_a_crowd(screen& out, house& h, const contender& before, const contender& now) {
    out.say("This server does what " + before.name +
            " does. The difference is what it costs while " + grouped(many) +
            " clients are connected and say nothing:");
    out.windows({9, 34, 34});
    out.row({"", title(right(before.name, 29)), title(right(now.name, 29))});
    const auto heading = right("threads", 7) + right("memory", 10) + right("addresses", 12);
    out.row({right("clients", 8), heading, heading});

    audience there(before.server.program(), before.server.where());
    audience here(now.server.program(), now.server.where());
    const auto there_alone = there.now(), here_alone = here.now();
    auto step = [&](std::size_t clients) {
        out.row({right(grouped(clients), 8), figures(there.now()), figures(here.now())});
    };
    step(0);
    for (auto clients = many / 10; clients <= many; clients += many / 10) {
        there.grow_to(clients);
        here.grow_to(clients);
        step(clients);
    }
    const auto there_all = there.now(), here_all = here.now();
    for (const auto* all : {&there_all, &here_all})
        if (all->clients != many)
            h.talk.fail("Of " + harness::counted(many, "client") + ", " + grouped(all->clients) +
                        " are connected to " + (all == &here_all ? now : before).name + ".");
    out.say(before.name + ": " + cost_of_one(there_alone, there_all));
    out.say(now.name + ": " + cost_of_one(here_alone, here_all));
}

}  // namespace rendezvous::demo

// Servers that send back what they receive.
#include "tests/demo/scenes.hpp"
#include "tests/harness/text.hpp"

namespace rendezvous::demo {

void echo_alone(screen& out, house& h) {
    out.windows({79});
    out.row({typed("$ " + h.command())});
    window a(h, "A");
    for (std::string line : {"Hello!", "Is there an echo?"}) {
        out.row({typed(line)});
        a.types(line);
        out.row({a.sees(line)});
    }
    out.row({typed("^D")});
    a.presses_ctrl_d();
    a.closes_by_itself();
    out.row({typed("$")});
}

void echo_side_by_side(screen& out, house& h) {
    out.windows({39, 39});
    out.row({typed("$ " + h.command()), typed("$ " + h.command())});
    window a(h, "A"), b(h, "B");
    out.row({typed("Hello!")});
    a.types("Hello!");
    out.row({a.sees("Hello!")});
    out.row({"", typed("Is there an echo?")});
    b.types("Is there an echo?");
    out.row({"", b.sees("Is there an echo?")});
    out.row({typed("One."), typed("Two.")});
    a.types("One.");
    b.types("Two.");
    out.row({a.sees("One."), b.sees("Two.")});

    out.row({typed("^D")});
    a.presses_ctrl_d();
    a.closes_by_itself();
    out.row({typed("$"), typed("Still here?")});
    b.types("Still here?");
    out.row({"", b.sees("Still here?")});
    out.row({"", typed("^D")});
    b.presses_ctrl_d();
    b.closes_by_itself();
    out.row({"", typed("$")});
}

void second_client_waits(screen& out, house& h) {
    out.say(
        "The server should serve each of two hundred clients while all of them stay connected. "
        "Here not even the second one is served.");
    out.windows({39, 39});
    out.row({typed("$ " + h.command())});
    window a(h, "A");
    out.row({typed("Hello!")});
    a.types("Hello!");
    out.row({a.sees("Hello!")});

    out.row({"", typed("$ " + h.command())});
    window b(h, "B");
    const std::string question = "Is anybody there?";
    out.row({"", typed(question)});
    b.types(question);
    if (b.next_line())
        h.talk.fail(
            "The second client is served while the first one stays: the server does more than "
            "stage.json says.");
    out.row({"", missing("(nothing, for 1 s)")});

    out.row({typed("^D")});
    a.presses_ctrl_d();
    a.closes_by_itself();
    auto since = std::chrono::steady_clock::now();
    b.sees(question);
    std::chrono::duration<double> passed = std::chrono::steady_clock::now() - since;
    out.row({typed("$"), question});
    out.say(
        "The kernel had connected the second client all along, but the server did not accept it "
        "before the first one had left. Then it was served within " +
        harness::seconds(passed.count()) + ".");
}

}  // namespace rendezvous::demo

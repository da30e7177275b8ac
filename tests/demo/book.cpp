// The conversation printed in The Go Programming Language, section 8.10.
#include "tests/demo/scenes.hpp"

namespace rendezvous::demo {

void conversation_of_the_book(screen& out, house& h) {
    out.windows({39, 39});

    out.row({typed("$ " + h.command())});
    window a(h, "A");
    auto you_are = a.is_greeted();

    out.row({you_are, typed("$ " + h.command())});
    window b(h, "B");
    you_are = b.is_greeted();
    out.row({a.sees(b.who() + " has arrived"), you_are});

    out.row({typed("Hi!")});
    a.types("Hi!");
    auto hi = a.who() + ": Hi!";
    out.row({a.sees(hi), b.sees(hi)});

    out.row({"", typed("Hi yourself.")});
    b.types("Hi yourself.");
    auto hi_yourself = b.who() + ": Hi yourself.";
    out.row({a.sees(hi_yourself), b.sees(hi_yourself)});

    out.row({typed("^C")});
    a.presses_ctrl_c();
    out.row({"", b.sees(a.who() + " has left")});

    out.row({typed("$ " + h.command())});
    window c(h, "C");
    you_are = c.is_greeted();
    out.row({you_are, b.sees(c.who() + " has arrived")});

    out.row({"", typed("Welcome.")});
    b.types("Welcome.");
    auto welcome = b.who() + ": Welcome.";
    out.row({c.sees(welcome), b.sees(welcome)});

    out.row({"", typed("^C")});
    b.presses_ctrl_c();
    out.row({c.sees(b.who() + " has left")});
}

}  // namespace rendezvous::demo

#include "tests/harness/capability.hpp"

#include "tests/harness/text.hpp"

namespace rendezvous::harness {

const std::vector<capability>& capabilities() {
    static const std::vector<capability> all = {
        {.name = "echo",
         .meaning = "A client receives every byte that it sent, in order, and then end of file.",
         .look_at =
             "how much of what was read is written back: all n bytes of it, whatever they are, "
             "and also after the client has said that it will send no more.",
         .for_echo = true},
        {.name = "many clients",
         .meaning =
             "Two hundred clients stay connected at once, and the server serves each of them.",
         .look_at = "what the loop that accepts does with a client: it must go back to accepting "
                    "while that client is served.",
         .for_echo = true,
         .for_chat = true,
         .observable = true},
        {.name = "chat",
         .meaning = "The server tells each client its address, and announces arrivals, departures "
                    "and messages, as in the book.",
         .look_at = "the order in which a client's task does things: `You are`, `has arrived`, "
                    "entering; its lines; leaving, `has left`.",
         .for_chat = true},
        {.name = "order",
         .meaning = "Any two clients receive their common lines in the same order, and each "
                    "sender's lines in the order in which it sent them.",
         .look_at =
             "who writes to the clients: one task for all (the broadcaster), or one lock "
             "around the whole round; and that one client's lines never overtake each other.",
         .for_chat = true},
        {.name = "exactly once",
         .meaning = "No client receives a line twice, and no connected client misses one.",
         .look_at =
             "what happens to the list of clients while somebody joins or leaves in the middle "
             "of a round, and whether a full queue drops what it has no room for.",
         .for_chat = true},
        {.name = "last lines",
         .meaning = "A client that half-closes receives everything that it said before, and then "
                    "end of file.",
         .look_at =
             "the end of a client's task: the connection may be closed only when its writer "
             "has written everything (join the writer first), and nothing that was said may wait "
             "in a buffer that leaving overtakes.  A last line without a newline is a line too.",
         .book = "The book's own program, in Go, is known to fail here: it closes the connection "
                 "without waiting for the goroutine that writes to it.",
         .for_chat = true,
         .observable = true},
        {.name = "newcomer misses nothing",
         .meaning = "A newcomer receives every line that the others receive after `A has arrived`.",
         .look_at = "whether announcing an arrival and entering the room are one event or two: "
                    "between two, a line of somebody else goes by.",
         .book = "The book's own program, in Go, is known to fail here: announcing a newcomer and "
                 "adding it to the clients are two events, and a line may come between them.",
         .for_chat = true,
         .observable = true},
        {.name = "leaver misses nothing",
         .meaning = "A client that half-closes receives every line that the others receive up to "
                    "`A has left`.",
         .look_at =
             "whether leaving the room and announcing it are one event or two: between two, a "
             "line of somebody else goes by.",
         .book = "The book's own program, in Go, is known to fail here: removing a leaver and "
                 "announcing that are two events, and a line may come between them.",
         .for_chat = true,
         .observable = true},
        {.name = "slow reader isolated",
         .meaning = "The other clients are served while one client does not read.",
         .look_at = "what a round does with a client whose connection takes no more: whoever waits "
                    "for it there makes everyone wait.",
         .for_chat = true,
         .observable = true},
        {.name = "slow reader bounded",
         .meaning = "The server's memory stays flat while one client does not read.",
         .look_at =
             "the queue in front of each client: how many lines it may hold, and what happens "
             "to the next one.",
         .for_chat = true,
         .observable = true},
        {.name = "command line",
         .meaning = "Options, the `listening on` line, errors and exit statuses are as in every "
                    "server of the course.",
         .look_at =
             "main(): --help is answered on standard output and is no mistake (exit status 0); "
             "what "
             "is wrong with the command line is said in one line on standard error (2), and so is "
             "what the machine does not allow (1).",
         .for_echo = true,
         .for_chat = true,
         .always = true},
        {.name = "shutdown",
         .meaning = "After Ctrl-C or SIGTERM the server exits in time, with status 0, whatever its "
                    "clients do.",
         .look_at = "who is still being waited for: a reader that does not read, an accept that "
                    "nobody woke, a task that nobody told.",
         .for_echo = true,
         .for_chat = true,
         .always = true},
        {.name = "hostile clients",
         .meaning = "No client's behavior ends the server, hangs it, or harms another client.",
         .look_at = "the errors of one client (a reset, a broken pipe, nonsense instead of lines): "
                    "they may end that client's task, and nothing else.",
         .for_echo = true,
         .for_chat = true,
         .always = true},
        {.name = "busy room",
         .meaning =
             "While all clients talk, one that is reset or does not read freezes nothing for good.",
         .look_at = "what becomes of a line for a client that is gone: whoever has lines for it "
                    "must be able to go on, so its writer takes them to the end, and does not "
                    "write again once a write has failed.",
         .for_chat = true,
         .always = true},
        {.name = "hostile lines",
         .meaning =
             "However its bytes arrive (in pieces, all at once, without an end, full of nonsense), "
             "each line is delivered whole and under its sender's name, or not at all.",
         .look_at =
             "how the server splits into lines what read() returns, which may be half a line or "
             "sixty lines.",
         .for_chat = true,
         .always = true},
        {.name = "crowd",
         .meaning = "A thousand clients connect, are served, and leave.",
         .look_at = "what there is per client: threads, descriptors, memory; and what is done for "
                    "each client for each line.",
         .for_echo = true,
         .for_chat = true,
         .always = true},
        {.name = "turn taking",
         .meaning = "Whatever the server writes leaves at once, also when it is little.",
         .look_at =
             "the option TCP_NODELAY, which belongs on every connection that the server accepts: "
             "without it the kernel holds a small write back until the client has acknowledged the "
             "one before, and a client that has nothing to send acknowledges 40 ms late.",
         .for_echo = true,
         .for_chat = true,
         .always = true},
    };
    return all;
}

const capability* find_capability(const std::string& name) {
    for (const auto& one : capabilities())
        if (one.name == name) return &one;
    return nullptr;
}

const capability* capability_of_suite(const std::string& suite) {
    for (const auto& one : capabilities())
        if (camel_case(one.name) == suite) return &one;
    return nullptr;
}

verdict judge(const std::string& capability, promise promised, const observation& saw,
              bool foreign) {
    if (saw.seen == observation::otherwise)
        return {verdict::otherwise, false,
                "Neither holds nor is missing in the known way: " + saw.story};
    if (promised == promise::either)
        return {saw.seen == observation::holds ? verdict::as_promised : verdict::as_missing, true,
                "Either will do: " + saw.story};
    if (promised == promise::holds)
        return saw.seen == observation::holds
                   ? verdict{verdict::as_promised, true, "Holds: " + saw.story}
                   : verdict{verdict::worse, false, "Does not hold: " + saw.story};
    if (saw.seen == observation::missing)
        return {verdict::as_missing, true, "Missing, as the stage says: " + saw.story};
    if (foreign) return {verdict::better, true, "Better than the stage: " + saw.story};
    return {verdict::better, false,
            "Better than its manifest: stage.json says that \"" + capability +
                "\" is missing, and it holds: " + saw.story};
}

}  // namespace rendezvous::harness

#include "tests/harness/capability.hpp"

#include "tests/harness/text.hpp"

namespace rendezvous::harness {

const std::vector<capability>& capabilities() {
    static const std::vector<capability> all = {
        {.name = "echo",
         .meaning = "A client receives every byte that it sent, in order, and then end of file.",
         .look_at =
             "how much of what it read the server writes back: all n bytes, whatever they are, "
             "also after the client has half-closed.",
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
             "what writes to the clients: it must be one task for all of them (the broadcaster), "
             "or one lock around the whole round.  One client's lines must not overtake each "
             "other.",
         .for_chat = true},
        {.name = "exactly once",
         .meaning = "No client receives a line twice, and no connected client misses one.",
         .look_at =
             "what happens to the list of clients when a client joins or leaves in the middle of "
             "a round, and whether a full queue drops lines.",
         .for_chat = true},
        {.name = "last lines",
         .meaning = "A client that half-closes receives everything that it said before, and then "
                    "end of file.",
         .look_at =
             "the end of a client's task: it may close the connection only when the writer has "
             "written everything (join the writer first), and no line may wait in a buffer that "
             "leaving overtakes.  A last line without a newline is a line too.",
         .book = "The book's own program, in Go, is known to fail here: it closes the connection "
                 "without waiting for the goroutine that writes to it.",
         .for_chat = true,
         .observable = true},
        {.name = "newcomer misses nothing",
         .meaning = "A newcomer receives every line that the others receive after `A has arrived`.",
         .look_at = "whether announcing an arrival and entering the room are one event or two: "
                    "between two events, a line from another client may pass.",
         .book = "The book's own program, in Go, is known to fail here: announcing a newcomer and "
                 "adding it to the clients are two events, and a line may come between them.",
         .for_chat = true,
         .observable = true},
        {.name = "leaver misses nothing",
         .meaning = "A client that half-closes receives every line that the others receive up to "
                    "`A has left`.",
         .look_at = "whether leaving the room and announcing it are one event or two: between two "
                    "events, a line from another client may pass.",
         .book = "The book's own program, in Go, is known to fail here: removing a leaver and "
                 "announcing that are two events, and a line may come between them.",
         .for_chat = true,
         .observable = true},
        {.name = "slow reader isolated",
         .meaning = "The other clients are served while one client does not read.",
         .look_at = "what a round does with a client whose connection takes no more: if the round "
                    "waits for it, all other clients wait too.",
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
             "main(): --help prints to standard output and is not an error (exit status 0); an "
             "error is reported in one line on standard error, with exit status 2 if the command "
             "line is wrong, and 1 if the machine does not allow what was asked.",
         .for_echo = true,
         .for_chat = true,
         .always = true},
        {.name = "shutdown",
         .meaning = "After Ctrl-C or SIGTERM the server exits in time, with status 0, whatever its "
                    "clients do.",
         .look_at = "what the server still waits for: a client that does not read, an accept that "
                    "was not canceled, or a task that was not told to stop.",
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
             "While all clients talk, one that is reset or does not read never blocks the others "
             "for good.",
         .look_at = "what happens to a line for a client that has left: the task that passes it on "
                    "must not block, so the client's writer keeps taking lines to the end, and "
                    "does not write again once a write has failed.",
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
         .look_at = "what each client costs: threads, descriptors, memory, and the work for each "
                    "line.",
         .for_echo = true,
         .for_chat = true,
         .always = true},
        {.name = "turn taking",
         .meaning = "What the server writes is sent at once, however little it is.",
         .look_at =
             "the option TCP_NODELAY, which belongs on every connection that the server accepts: "
             "without it the kernel holds a small write back until the client has acknowledged the "
             "previous one, and a client that has nothing to send acknowledges 40 ms late.",
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

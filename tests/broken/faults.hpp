// Faults that servers of this kind have, each with the test that must catch it.  The broken server
// can have each of them; golden/NAME.txt is the report that it must then get.
#pragma once

namespace rendezvous::broken {

struct fault {
    const char* name;
    const char* does;       // for --help
    const char* judged_as;  // a folder in manifests/
    const char* caught_by;  // Suite.Test
};

inline constexpr const char* queues = "chat-that-queues";
inline constexpr const char* waits = "chat-that-waits";
inline constexpr const char* echo = "echo";

inline constexpr fault faults[] = {
    // Who is told what.
    {"forgets-you-are", "does not tell a newcomer who it is", queues,
     "Chat.NewcomerIsToldItsOwnAddress"},
    {"forgets-has-arrived", "announces no arrival", queues, "Chat.ConnectedClientsSeeAnArrival"},
    {"tells-the-newcomer", "tells the newcomer of its own arrival", queues,
     "Chat.NewcomerDoesNotSeeItsOwnArrival"},
    {"forgets-has-left", "announces no departure", queues,
     "Chat.HalfClosedClientIsAnnouncedAsLeavingOnce"},
    {"leaves-twice", "announces every departure twice", queues,
     "Chat.ClosedClientIsAnnouncedAsLeavingOnce"},
    {"forgets-the-reset", "does not announce the departure of a client that was reset", queues,
     "Chat.ResetClientIsAnnouncedAsLeavingOnce"},
    {"forgets-the-name", "sends a line on without the name of its sender", queues,
     "Chat.LineReachesEveryClientAndNamesItsSender"},
    {"not-to-the-speaker", "sends a line on to every client but its sender", queues,
     "Chat.LoneClientReceivesWhatItSends"},
    {"tells-the-past", "sends a newcomer the lines sent before it arrived", queues,
     "Chat.NewcomerReceivesNothingSentBeforeItArrived"},
    {"enters-late", "announces a newcomer first and adds it to the room a moment later", queues,
     "NewcomerMissesNothing.NewcomerReceivesEveryLineAfterItsArrival"},
    {"leaves-early",
     "removes a client from the room first and announces its departure a moment later", queues,
     "LeaverMissesNothing.LeaverReceivesEveryLineBeforeItsDeparture"},

    // Which lines, how often, in which order.
    {"drops-a-line", "does not send every fifteenth line to the second client", queues,
     "ExactlyOnce.EveryLineReachesEveryConnectedClient"},
    {"doubles-a-line", "sends every fifth line to the second client twice", queues,
     "ExactlyOnce.IdenticalLinesAreAllDelivered"},
    {"swaps-lines", "sends every tenth line after the next one", queues,
     "Order.LinesOfOneSenderArriveInOrder"},
    {"another-order", "sends lines that arrive together to every second client in another order",
     queues, "Order.AllReceiversSeeTheSameOrder"},

    // What a line is.
    {"keeps-the-cr", "keeps the carriage return before a newline as text", queues,
     "Chat.CarriageReturnBeforeTheNewlineIsDropped"},
    {"drops-empty-lines", "drops empty lines", queues, "Chat.EmptyLineIsALine"},
    {"loses-the-last-line", "drops the text after the last newline", queues,
     "Chat.TextAfterTheLastNewlineIsALine"},
    {"keeps-what-a-reset-cuts", "treats text cut off by a reset as a line", queues,
     "Chat.TextCutOffByAResetIsDropped"},
    {"cuts-long-lines", "truncates a line to 4,096 bytes", queues,
     "Chat.LineOfMaximumLengthIsDelivered"},
    {"no-limit-on-lines", "accepts lines of any length", queues,
     "Chat.OverlongLineDisconnectsOnlyItsSender"},
    {"ends-at-nul", "treats a NUL byte as the end of the text, as C does", queues,
     "HostileLines.NulBytesDoNotAffectLaterLines"},
    {"a-read-is-a-line", "treats the result of one read as one line", queues,
     "HostileLines.SixtyLinesInOneSegmentAreSixtyLines"},
    {"does-not-wait", "sends on text before its newline has arrived", queues,
     "HostileLines.NothingIsDeliveredBeforeTheNewline"},

    // Connections that end, and what is left of them.
    {"closes-early", "closes the connection of a client that leaves before everything is written",
     queues, "LastLines.LineBeforeAHalfCloseComesBack"},
    {"does-not-close", "never closes the connection of a client that has half-closed it", queues,
     "Chat.HalfClosedClientIsAnnouncedAsLeavingOnce"},
    {"dies-of-a-reset", "ends when reading fails", queues,
     "Chat.ResetClientIsAnnouncedAsLeavingOnce"},
    {"dies-of-a-broken-pipe",
     "continues to write after a write has failed, and does not ignore SIGPIPE", queues,
     "HostileClients.ServerSurvivesWritingToAClosedConnection"},
    {"leaks-a-descriptor", "keeps one descriptor open for every client that has left", queues,
     "HostileClients.ServerFreesTheResourcesOfClientsThatHaveLeft"},

    // Crashes: the report shows what the program said itself.
    {"throws-when-a-client-leaves", "reads beyond the end of a vector when a client leaves", queues,
     "Chat.HalfClosedClientIsAnnouncedAsLeavingOnce"},
    {"crashes-when-a-client-leaves", "writes through a null pointer when a client leaves", queues,
     "Chat.ClosedClientIsAnnouncedAsLeavingOnce"},
    {"joins-no-thread", "starts a thread when a client leaves and does not join it", queues,
     "Chat.HalfClosedClientIsAnnouncedAsLeavingOnce"},
    {"crashes-at-the-end", "aborts after SIGTERM or Ctrl-C", queues,
     "Shutdown.ServerExitsWithNoClients"},

    // Many clients, and slow ones.
    {"one-at-a-time", "serves the next client only after the current one has left", queues,
     "ManyClients.TwoHundredClientsAreServedAtOnce"},
    {"short-backlog", "listens with a backlog of five", queues,
     "HostileClients.ServerServesClientsThatCameWhileItWasStopped"},
    {"spins", "tries to accept again at once when it has no descriptors left", queues,
     "HostileClients.ServerKeepsServingWhenItRunsOutOfDescriptors"},
    {"waits-for-the-slow", "waits for a client that does not read, against its manifest", queues,
     "SlowReaderIsolated.OtherClientsAreServedWhileOneDoesNotRead"},
    {"queues-without-limit",
     "queues lines without limit for a client that does not read, against its manifest", waits,
     "SlowReaderBounded.MemoryStaysFlatWhileOneClientDoesNotRead"},
    {"delays-small-writes", "does not set TCP_NODELAY", queues,
     "TurnTaking.NoWriteWaitsForAnAcknowledgment"},

    // The program itself.
    {"prints-nothing", "listens without printing that it does", queues,
     "CommandLine.LocalhostIsTheDefault"},
    {"prints-too-early", "prints that it listens ten seconds before it does", queues,
     "CommandLine.LocalhostIsTheDefault"},
    {"names-the-wrong-port", "prints that it listens on port 1", queues,
     "CommandLine.ListeningLineNamesTheRealAddressAndPort"},
    {"chatters", "prints what it does on standard output", queues,
     "Chat.LoneClientReceivesWhatItSends"},
    {"fails-with-help", "treats --help as an error", queues,
     "CommandLine.HelpIsPrintedAndIsNotAnError"},
    {"wrong-status", "exits with status 1 after an unknown option", queues,
     "CommandLine.UnknownOptionIsNamed"},
    {"complains-in-vain", "does not say why it cannot listen", queues,
     "CommandLine.PortInUseIsNamedAndItsOwnerIsUnaffected"},
    {"never-ends", "ignores SIGTERM and Ctrl-C", queues, "Shutdown.ServerExitsWithNoClients"},
    {"ends-badly", "exits with status 1 after SIGTERM or Ctrl-C", queues,
     "Shutdown.ServerExitsAndDisconnectsIdleClients"},
    {"cannot-restart", "does not set SO_REUSEADDR", queues,
     "Shutdown.ServerRestartsOnTheSamePortAtOnce"},

    // Echo servers.
    {"loses-the-end", "closes when the client half-closes, before everything has come back", echo,
     "Echo.HalfClosedClientReceivesEverythingAndThenEndOfFile"},
    {"adds-a-newline", "adds a newline at the end of what it sends back", echo,
     "Echo.TextWithoutANewlineComesBackUnchanged"},
    {"waits-for-a-newline", "sends back only whole lines", echo,
     "Echo.TextWithoutANewlineComesBackUnchanged"},
    {"seven-bits", "clears the eighth bit of every byte", echo, "Echo.EveryByteComesBackUnchanged"},
};

}  // namespace rendezvous::broken

// Mistakes that servers of this kind make, each with the check that is meant to catch it.  The
// broken server knows how to make them, its tests know what is to be printed then: golden/NAME.txt.
#pragma once

namespace rendezvous::broken {

struct fault {
    const char* name;
    const char* does;       // what --help says of it
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
    {"forgets-has-left", "announces no leaving", queues,
     "Chat.HalfClosedClientIsAnnouncedAsLeavingOnce"},
    {"leaves-twice", "announces every leaving twice", queues,
     "Chat.ClosedClientIsAnnouncedAsLeavingOnce"},
    {"forgets-the-reset", "does not announce the leaving of one who is reset", queues,
     "Chat.ResetClientIsAnnouncedAsLeavingOnce"},
    {"forgets-the-name", "passes a line on without the name of its sender", queues,
     "Chat.LineReachesEveryClientAndNamesItsSender"},
    {"not-to-the-speaker", "passes a line on to everyone but its sender", queues,
     "Chat.LoneClientReceivesWhatItSends"},
    {"tells-the-past", "tells a newcomer what was said before it came", queues,
     "Chat.NewcomerReceivesNothingSentBeforeItArrived"},
    {"enters-late", "announces a newcomer first, and lets it enter a moment later", queues,
     "NewcomerMissesNothing.NewcomerReceivesEveryLineAfterItsArrival"},
    {"leaves-early", "takes a leaver out first, and announces it a moment later", queues,
     "LeaverMissesNothing.LeaverReceivesEveryLineBeforeItsDeparture"},

    // Which lines, how often, in which order.
    {"drops-a-line", "keeps every fifteenth line from the second client", queues,
     "ExactlyOnce.EveryLineReachesEveryConnectedClient"},
    {"doubles-a-line", "sends every fifth line to the second client twice", queues,
     "ExactlyOnce.IdenticalLinesAreAllDelivered"},
    {"swaps-lines", "sends every tenth line after the next one", queues,
     "Order.LinesOfOneSenderArriveInOrder"},
    {"another-order", "sends what comes at once to every second client in another order", queues,
     "Order.AllReceiversSeeTheSameOrder"},

    // What a line is.
    {"keeps-the-cr", "takes the carriage return before a newline for text", queues,
     "Chat.CarriageReturnBeforeTheNewlineIsDropped"},
    {"drops-empty-lines", "does not pass on a line in which nothing stands", queues,
     "Chat.EmptyLineIsALine"},
    {"loses-the-last-line", "does not pass on what follows the last newline", queues,
     "Chat.TextAfterTheLastNewlineIsALine"},
    {"keeps-what-a-reset-cuts", "takes what a reset cut off for a line", queues,
     "Chat.TextCutOffByAResetIsDropped"},
    {"cuts-long-lines", "cuts a line at 4,096 bytes", queues,
     "Chat.LineOfMaximumLengthIsDelivered"},
    {"no-limit-on-lines", "carries lines of any length", queues,
     "Chat.OverlongLineDisconnectsOnlyItsSender"},
    {"ends-at-nul", "takes a NUL byte for the end of a text, as C does", queues,
     "HostileLines.NulBytesDoNotAffectLaterLines"},
    {"a-read-is-a-line", "takes what one read returns for one line", queues,
     "HostileLines.SixtyLinesInOneSegmentAreSixtyLines"},
    {"does-not-wait", "passes on what it has before the newline comes", queues,
     "HostileLines.NothingIsDeliveredBeforeTheNewline"},

    // Connections that end, and what is left of them.
    {"closes-early", "closes the connection of a leaver before all is written", queues,
     "LastLines.LineBeforeAHalfCloseComesBack"},
    {"does-not-close", "never closes the connection of one who says no more", queues,
     "Chat.HalfClosedClientIsAnnouncedAsLeavingOnce"},
    {"dies-of-a-reset", "ends when reading fails", queues,
     "Chat.ResetClientIsAnnouncedAsLeavingOnce"},
    {"dies-of-a-broken-pipe", "writes on after a write has failed, and does not ignore SIGPIPE",
     queues, "HostileClients.ServerSurvivesWritingToAClosedConnection"},
    {"leaks-a-descriptor", "keeps a descriptor of every client", queues,
     "HostileClients.ServerFreesTheResourcesOfClientsThatHaveLeft"},

    // Crashes: what the program says of itself is what is shown.
    {"throws-when-a-client-leaves", "reads beyond the end of a vector when a client leaves", queues,
     "Chat.HalfClosedClientIsAnnouncedAsLeavingOnce"},
    {"crashes-when-a-client-leaves", "writes through a null pointer when a client leaves", queues,
     "Chat.ClosedClientIsAnnouncedAsLeavingOnce"},
    {"joins-no-thread", "starts a thread when a client leaves, and does not join it", queues,
     "Chat.HalfClosedClientIsAnnouncedAsLeavingOnce"},
    {"crashes-at-the-end", "aborts after SIGTERM or Ctrl-C", queues,
     "Shutdown.ServerExitsWithNoClients"},

    // Many, and slow ones.
    {"one-at-a-time", "serves the next client when this one has left", queues,
     "ManyClients.TwoHundredClientsAreServedAtOnce"},
    {"short-backlog", "listens with a backlog of five", queues,
     "HostileClients.ServerServesClientsThatCameWhileItWasStopped"},
    {"spins", "tries to accept again at once when it has no descriptors left", queues,
     "HostileClients.ServerKeepsServingWhenItRunsOutOfDescriptors"},
    {"waits-for-the-slow", "waits for a reader that does not read, and says that it does not",
     queues, "SlowReaderIsolated.OtherClientsAreServedWhileOneDoesNotRead"},
    {"queues-without-limit", "queues for a reader that does not read, and says that it does not",
     waits, "SlowReaderBounded.MemoryStaysFlatWhileOneClientDoesNotRead"},
    {"delays-small-writes", "does not set TCP_NODELAY", queues,
     "TurnTaking.NoWriteWaitsForAnAcknowledgment"},

    // The program itself.
    {"prints-nothing", "listens and does not say so", queues, "CommandLine.LocalhostIsTheDefault"},
    {"prints-too-early", "says that it listens ten seconds before it does", queues,
     "CommandLine.LocalhostIsTheDefault"},
    {"names-the-wrong-port", "says that it listens on port 1", queues,
     "CommandLine.ListeningLineNamesTheRealAddressAndPort"},
    {"chatters", "tells on standard output what it does", queues,
     "Chat.LoneClientReceivesWhatItSends"},
    {"fails-with-help", "takes --help for a mistake", queues,
     "CommandLine.HelpIsPrintedAndIsNotAnError"},
    {"wrong-status", "ends with status 1 after an option that it does not know", queues,
     "CommandLine.UnknownOptionIsNamed"},
    {"complains-in-vain", "does not say why it cannot listen", queues,
     "CommandLine.PortInUseIsNamedAndItsOwnerIsUnaffected"},
    {"never-ends", "ignores SIGTERM and Ctrl-C", queues, "Shutdown.ServerExitsWithNoClients"},
    {"ends-badly", "ends with status 1 after SIGTERM or Ctrl-C", queues,
     "Shutdown.ServerExitsAndDisconnectsIdleClients"},
    {"cannot-restart", "does not set SO_REUSEADDR", queues,
     "Shutdown.ServerRestartsOnTheSamePortAtOnce"},

    // An echo has mistakes of its own.
    {"loses-the-end", "closes when the client says no more, whatever has not come back yet", echo,
     "Echo.HalfClosedClientReceivesEverythingAndThenEndOfFile"},
    {"adds-a-newline", "ends all that it sends back with a newline", echo,
     "Echo.TextWithoutANewlineComesBackUnchanged"},
    {"waits-for-a-newline", "sends whole lines back, and nothing else", echo,
     "Echo.TextWithoutANewlineComesBackUnchanged"},
    {"seven-bits", "takes the eighth bit of every byte away", echo,
     "Echo.EveryByteComesBackUnchanged"},
};

}  // namespace rendezvous::broken

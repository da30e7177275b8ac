#!/usr/bin/env perl
# The chat server of The Go Programming Language, section 8.10, in Perl.
#
#     perl chat.pl PORT
#
# One process, one loop around select(), sockets that never block. What a client is to receive waits in a
# string of its own, and nobody is listened to while too much waits for anybody: memory stays bounded, and
# one who does not read holds all others up. An arrival is one event, a leaving is another.
use strict;
use warnings;

use Errno qw(EAGAIN EINTR);
use IO::Select;
use IO::Socket::INET;
use Socket qw(IPPROTO_TCP TCP_NODELAY inet_ntoa unpack_sockaddr_in);

use constant LONGEST  => 65_535;    # bytes before the newline
use constant TOO_MUCH => 65_536;    # bytes that wait for one client

my %clients;          # by file number
my $tired_until = 0;  # accept has failed: not again before

sub main {
    my ($port) = @_;
    $SIG{PIPE} = 'IGNORE';          # a write that fails says so itself
    my $listener = IO::Socket::INET->new(
        LocalAddr => '127.0.0.1',
        LocalPort => $port,
        ReuseAddr => 1,
        Listen    => 4096,
    ) or die "cannot listen on 127.0.0.1:$port: $!\n";
    $listener->blocking(0);

    while (1) {
        my $stalled  = grep { length $_->{outgoing} > TOO_MUCH } values %clients;
        my $tired    = time < $tired_until;
        my $readable = IO::Select->new;
        my $writable = IO::Select->new(map { $_->{socket} } grep { length $_->{outgoing} } values %clients);
        if (!$stalled) {
            $readable->add($listener) unless $tired;
            $readable->add($_->{socket}) for grep { !$_->{said_all} } values %clients;
        }
        my ($reads, $writes) = IO::Select->select($readable, $writable, undef, $tired ? 0.1 : undef);
        for my $socket (@{ $reads || [] }) {
            if ($socket == $listener) { accept_all($listener) }
            elsif (my $client = $clients{ $socket->fileno // -1 }) { hear($client) }
        }
        write_to($_) for values %clients;
    }
}

sub accept_all {
    my ($listener) = @_;
    while (1) {
        my ($socket, $address) = $listener->accept;
        if (!$socket) {
            $tired_until = time + 1 unless $!{EAGAIN} || $!{EINTR};
            return;
        }
        $socket->blocking(0);
        setsockopt $socket, IPPROTO_TCP, TCP_NODELAY, 1;
        my ($port, $host) = unpack_sockaddr_in($address);
        my $who = inet_ntoa($host) . ":$port";
        tell_all("$who has arrived");
        $clients{ $socket->fileno } = {
            socket   => $socket,
            who      => $who,
            incoming => '',
            outgoing => "You are $who\n",
            said_all => 0,                   # nothing is read any more; closed when all is written
            broken   => 0,                   # a write has failed: the end that is read then is none
        };
    }
}

sub hear {
    my ($client) = @_;
    my $n = sysread $client->{socket}, $client->{incoming}, 65_536, length $client->{incoming};
    if (!defined $n) {
        return if $!{EAGAIN} || $!{EINTR};
        return leave($client);
    }
    while ($client->{incoming} =~ /\G([^\n]*)\n/gc) {
        return leave($client) if length $1 > LONGEST;
        say_line($client, $1);
    }
    substr $client->{incoming}, 0, pos $client->{incoming} // 0, '';
    return leave($client) if length $client->{incoming} > LONGEST;
    return if $n;
    say_line($client, $client->{incoming}) if length $client->{incoming} && !$client->{broken};
    leave($client);
}

sub say_line {
    my ($client, $line) = @_;
    $line =~ s/\r\z//;
    tell_all("$client->{who}: $line");
}

sub tell_all {
    my ($line) = @_;
    for my $client (values %clients) {
        $client->{outgoing} .= "$line\n" unless $client->{said_all};
    }
}

sub leave {
    my ($client) = @_;
    $client->{said_all} = 1;
    $client->{incoming} = '';
    tell_all("$client->{who} has left");
}

sub write_to {
    my ($client) = @_;
    while (length $client->{outgoing}) {
        my $n = syswrite $client->{socket}, $client->{outgoing};
        if (defined $n) {
            substr $client->{outgoing}, 0, $n, '';
            next;
        }
        last if $!{EAGAIN} || $!{EINTR};
        $client->{broken}   = 1;
        $client->{outgoing} = '';
    }
    return if length $client->{outgoing} || !$client->{said_all};
    delete $clients{ $client->{socket}->fileno };
    close $client->{socket};
}

main(@ARGV);

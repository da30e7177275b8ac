#!/usr/bin/env python3
"""The chat server of The Go Programming Language, section 8.10, in plain Python.

    python3 chat.py PORT [--fault NAME]

A thread per client that listens, one that writes, and one broadcaster; between them queues that hold
one line, so that whoever is too fast waits.  It keeps the contract of stage 09, gaps included.  With a
fault it breaks one rule, for the tests that must notice.
"""

import argparse
import os
import queue
import socket
import sys
import threading
import time

FAULTS = {
    "closes-early": "closes the connection before the writer has written, as the book does",
    "tells-the-newcomer": "enters first and announces then: a newcomer sees its own arrival",
    "forgets-has-left": "announces nobody's leaving",
    "forgets-you-are": "does not tell newcomers who they are",
    "forgets-the-name": "passes on what is said without saying who said it",
    "drops-a-line": "drops a line on its way to one client now and then",
    "doubles-a-line": "sends a line twice to one client now and then",
    "swaps-lines": "sends two lines to one client in the wrong order now and then",
    "dies-of-a-reset": "does not expect reading to fail",
    "keeps-the-cr": "does not know CR LF",
    "a-read-is-a-line": "takes what one read returns for a line",
    "decodes": "expects valid UTF-8",
    "one-at-a-time": "serves the next client when this one has left",
    "queues-without-limit": "lets lines for a slow reader pile up",
    "leaks-a-descriptor": "forgets to close connections",
    "no-limit-on-lines": "carries lines of any length",
    "no-gaps": "no fault: arriving is one event, and leaving is another",
}
LONGEST = 65_535  # bytes before the newline

fault = None
ipv6_socket = None
events = queue.Queue(1)  # what the three channels of the book carry: messages, entering, leaving


def broadcaster():
    clients = {}  # outgoing queues, in the order in which they came
    while True:
        what, value = events.get()
        if what == "message":
            broadcast(clients, value)
        elif what == "entering":
            clients[value] = True
        elif what == "leaving":
            del clients[value]
            value.put(None)
        elif what == "arrival":  # both in one
            line, outgoing = value
            broadcast(clients, line)
            clients[outgoing] = True
        elif what == "departure":
            line, outgoing = value
            del clients[outgoing]
            outgoing.put(None)
            broadcast(clients, line)


said = 0
held_back = []


def broadcast(clients, line):
    global said
    said += 1
    for number, outgoing in enumerate(clients):
        unlucky = number == 1 and said % 50 == 0  # the second client, now and then
        if unlucky and fault == "drops-a-line":
            continue
        if unlucky and fault == "swaps-lines":
            held_back.append(line)
            continue
        outgoing.put(line)
        if unlucky and fault == "doubles-a-line":
            outgoing.put(line)
        if number == 1 and held_back:
            outgoing.put(held_back.pop())


def handle_conn(conn, address):
    outgoing = queue.Queue(0 if fault == "queues-without-limit" else 1)
    writer = threading.Thread(target=client_writer, args=(conn, outgoing), daemon=True)
    writer.start()

    host, port = address[:2]
    if ipv6_socket == "java":
        host = host.removeprefix("::ffff:")
    who = "{}:{}".format(host, port).encode()
    if fault != "forgets-you-are":
        outgoing.put(b"You are " + who)
    arrive(who + b" has arrived", outgoing)

    for line in lines(conn):
        events.put(("message", line if fault == "forgets-the-name" else who + b": " + line))

    leave(who + b" has left", outgoing)
    if fault == "closes-early":
        conn.shutdown(socket.SHUT_RDWR)
    writer.join()
    if fault == "leaks-a-descriptor":
        os.dup(conn.fileno())
        conn.shutdown(socket.SHUT_RDWR)
    conn.close()


def arrive(line, outgoing):
    if fault == "no-gaps":
        events.put(("arrival", (line, outgoing)))
    elif fault == "tells-the-newcomer":
        events.put(("entering", outgoing))
        events.put(("message", line))
    else:
        events.put(("message", line))
        events.put(("entering", outgoing))


def leave(line, outgoing):
    if fault == "no-gaps":
        events.put(("departure", (line, outgoing)))
    else:
        events.put(("leaving", outgoing))
        if fault != "forgets-has-left":
            events.put(("message", line))


def client_writer(conn, outgoing):
    connected = True
    # To the end, even when nobody is there any more: the broadcaster waits for us.
    while (line := outgoing.get()) is not None:
        if not connected:
            continue
        try:
            conn.sendall(line + b"\n")
        except OSError:
            connected = False


def lines(conn):
    """What the client says, line by line; what a reset cuts off is no line."""
    rest = b""
    while True:
        try:
            some = conn.recv(4096)
        except OSError:
            if fault == "dies-of-a-reset":
                sys.excepthook(*sys.exc_info())
                os._exit(1)
            return
        if fault == "a-read-is-a-line":
            if not some:
                return
            yield some.rstrip(b"\r\n")
            continue
        if not some:
            if rest:
                yield without_cr(rest)
            return
        *whole, rest = (rest + some).split(b"\n")
        for line in whole:
            if len(line) > LONGEST and fault != "no-limit-on-lines":
                return
            yield without_cr(line)
        if len(rest) > LONGEST and fault != "no-limit-on-lines":
            return


def without_cr(line):
    if fault == "decodes":
        line = line.decode().encode()
    if fault == "keeps-the-cr":
        return line
    return line[:-1] if line.endswith(b"\r") else line


def main():
    global fault, ipv6_socket
    parser = argparse.ArgumentParser(description="The book's chat server, in Python.")
    parser.add_argument("port", type=int)
    parser.add_argument("--fault", choices=FAULTS, metavar="NAME", help=", ".join(FAULTS))
    parser.add_argument("--ipv6-socket", choices=("python", "java"),
                        help="listen on a socket for both families, and call a client "
                             "::ffff:127.0.0.1:PORT, as a program in Python easily does, or "
                             "127.0.0.1:PORT, as Java does")
    options = parser.parse_args()
    fault = options.fault
    ipv6_socket = options.ipv6_socket

    threading.Thread(target=broadcaster, daemon=True).start()
    pause = 0.005
    where = {"address": ("127.0.0.1", options.port)}
    if ipv6_socket:
        where = {"address": ("::ffff:127.0.0.1", options.port),
                 "family": socket.AF_INET6, "dualstack_ipv6": True}
    with socket.create_server(**where, backlog=4096) as listener:
        while True:
            try:
                conn, address = listener.accept()
                conn.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                handler = threading.Thread(target=handle_conn, args=(conn, address), daemon=True)
                handler.start()
            except (OSError, RuntimeError) as error:  # no descriptors, no threads: not forever
                print("cannot accept:", error, file=sys.stderr)
                time.sleep(pause)
                pause = min(2 * pause, 1)
                continue
            pause = 0.005
            if fault == "one-at-a-time":
                handler.join()


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""A server that is made to fail, for the tests of the demo: stand_in.py PORT WAY.

chat          a queue without a limit for each client: isolated, not bounded
mute          does not pass lines on
rude          does not greet
forged        puts an escape sequence in front of each line
fragile       ends when a client leaves
hurried       closes before the last line is written
echo          serves all at once
one-at-a-time echo that serves one client after the other
"""
import os
import queue
import socket
import sys
import threading

port, way = int(sys.argv[1]), sys.argv[2]
clients, lock = [], threading.Lock()


def announce(text):
    with lock:
        for outgoing in clients:
            outgoing.put(text)


def write(conn, outgoing):
    try:
        while (text := outgoing.get()) is not None:
            conn.sendall(text.encode() + b"\n")
    except OSError:
        pass  # the client has left


def chat(conn, who):
    outgoing = queue.SimpleQueue()
    writer = threading.Thread(target=write, args=(conn, outgoing), daemon=True)
    writer.start()
    outgoing.put("Welcome" if way == "rude" else "You are " + who)
    with lock:
        for other in clients:
            other.put(who + " has arrived")
        clients.append(outgoing)
    try:
        for line in conn.makefile("r", newline="\n"):
            if way != "mute":
                announce(("\x1b[2J" if way == "forged" else "") + who + ": " + line.rstrip("\n"))
    except OSError:
        pass  # a reset is an end too
    if way == "fragile":
        print("KeyError: 'somebody'", file=sys.stderr, flush=True)
        os._exit(3)
    with lock:
        clients.remove(outgoing)
        outgoing.put(None)
        for other in clients:
            other.put(who + " has left")
    if way != "hurried":
        writer.join()


def echo(conn):
    while data := conn.recv(65536):
        conn.sendall(data)


def handle(conn, peer):
    with conn:
        if way in ("echo", "one-at-a-time"):
            echo(conn)
        else:
            chat(conn, "%s:%d" % peer)
            # Closing alone would wait for makefile().
            try:
                conn.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


listener = socket.create_server(("127.0.0.1", port), backlog=128)
try:
    while True:
        args = listener.accept()
        if way == "one-at-a-time":
            handle(*args)
        else:
            threading.Thread(target=handle, args=args, daemon=True).start()
except KeyboardInterrupt:
    os._exit(0)

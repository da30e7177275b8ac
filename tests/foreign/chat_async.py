#!/usr/bin/env python3
"""The chat server of The Go Programming Language, section 8.10, with asyncio.

    python3 chat_async.py PORT

One thread, a coroutine per client. Whoever says something adds it to what waits for everyone, and then sends all of
that: so memory stays bounded, and one who does not read holds all others up. Nothing is awaited between an announcement
and what it announces: newcomers and leavers miss nothing.

It uses sockets, because a stream of asyncio that cannot write (the client has closed) drops what it has not read yet:
the last lines of that client.
"""

import asyncio
import socket
import sys

LONGEST = 65_535  # bytes before the newline

clients = {}  # all who are there, in the order in which they came


class Client:
    def __init__(self, sock):
        self.sock = sock
        self.unsent = b""
        self.sending = asyncio.Lock()

    async def flush(self):
        async with self.sending:
            data, self.unsent = self.unsent, b""
            try:
                await asyncio.get_running_loop().sock_sendall(self.sock, data)
            except OSError:
                pass  # it has gone, as its own coroutine is about to learn

    async def lines(self):
        """What the client says, line by line; what a reset cuts off, or is too long, is no line."""
        unread = b""
        while True:
            try:
                data = await asyncio.get_running_loop().sock_recv(self.sock, 65_536)
            except OSError:
                return
            *whole, unread = (unread + data).split(b"\n")
            if not data and unread:
                whole, unread = [unread], b""
            for line in whole:
                if len(line) > LONGEST:
                    return
                yield line[:-1] if line.endswith(b"\r") else line
            if not data or len(unread) > LONGEST:
                return


def tell_all(line):
    for client in clients:
        client.unsent += line + b"\n"


async def flush_all():
    for client in list(clients):
        await client.flush()


async def handle(sock, address):
    with sock:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        client = Client(sock)
        who = "{}:{}".format(*address).encode()
        client.unsent = b"You are " + who + b"\n"
        tell_all(who + b" has arrived")
        clients[client] = who
        await flush_all()

        async for line in client.lines():
            tell_all(who + b": " + line)
            await flush_all()

        del clients[client]
        tell_all(who + b" has left")
        await client.flush()
    await flush_all()


async def main(port):
    loop = asyncio.get_running_loop()
    tasks = set()  # the loop itself does not keep them
    with socket.create_server(("127.0.0.1", port), backlog=4096) as listener:
        listener.setblocking(False)
        while True:
            try:
                sock, address = await loop.sock_accept(listener)
            except OSError:
                await asyncio.sleep(0.005)  # no descriptor is free
                continue
            task = asyncio.create_task(handle(sock, address))
            tasks.add(task)
            task.add_done_callback(tasks.discard)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))

#!/usr/bin/env python3
"""The chat server of The Go Programming Language, section 8.10, with asyncio.

    python3 chat_async.py PORT

One thread, a coroutine per client. Whoever says something writes it to everyone and then waits until all of
them have room for more: so memory stays bounded, and one who does not read holds all others up. Nothing is
awaited between an announcement and what it announces: newcomers and leavers miss nothing.
"""

import asyncio
import sys

LONGEST = 65_535  # bytes before the newline

clients = {}  # writers of all who are there, in the order in which they came


def tell_all(line):
    for writer in clients:
        writer.write(line + b"\n")


async def wait_for_the_slowest():
    for writer in list(clients):
        try:
            await writer.drain()
        except OSError:
            pass  # it has gone, as its own coroutine is about to learn


async def handle(reader, writer):
    peer = writer.get_extra_info("peername")
    if peer is None:  # it has gone again already
        writer.close()
        return
    who = "{}:{}".format(*peer).encode()
    writer.write(b"You are " + who + b"\n")
    tell_all(who + b" has arrived")
    clients[writer] = who

    async for line in lines(reader):
        tell_all(who + b": " + line)
        await wait_for_the_slowest()

    del clients[writer]
    tell_all(who + b" has left")
    writer.close()  # when all that is for it has been written


async def lines(reader):
    """What the client says, line by line; what a reset cuts off, or is too long, is no line."""
    while True:
        try:
            line = await reader.readuntil(b"\n")
        except asyncio.IncompleteReadError as end:
            if end.partial:
                yield without_cr(end.partial)
            return
        except (asyncio.LimitOverrunError, OSError):
            return
        yield without_cr(line[:-1])


def without_cr(line):
    return line[:-1] if line.endswith(b"\r") else line


async def main(port):
    # asyncio accepts as often as the backlog is long before it looks at anything else, even when it
    # cannot accept: so it is long, but not as long as the system would allow.
    server = await asyncio.start_server(handle, "127.0.0.1", port, limit=LONGEST, backlog=512)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))

"""A port of the loopback for a server that a test starts in a moment.

What listens at port 0, and whoever connects, is given a port by the system, from 32,768 on. One of those that was
free a moment ago may be a connection of another test by the time a server wants it; so this draws below them, where
only tests draw, and any two of them the same port once in thousands.
"""
import random
import socket

FIRST, LAST = 12_000, 31_999
TRIES = 100


def free_port():
    for _ in range(TRIES):
        port = random.randint(FIRST, LAST)
        try:
            socket.create_server(("127.0.0.1", port)).close()
            return port
        except OSError:
            continue
    raise RuntimeError(f"none of {TRIES} ports from {FIRST} to {LAST} is free")

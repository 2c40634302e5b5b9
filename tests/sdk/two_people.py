"""Two people in one room of a server with the examples' plugins, whoever built them."""
import socket

from served import WAIT_SECONDS, Served
from tap import Failed

SECRET, KEY = "a-secret-of-people", "a-key-of-programs"
SETTINGS = {"auth": {"secret": SECRET}, "http": {"key": KEY}}
# One letter of Yjs: of client 1, its first, into the text "text"; nothing deleted.
LETTER_OF_YJS = bytes([1, 1, 1, 0, 4, 1, 4]) + b"text" + bytes([1]) + b"a" + bytes([0])


class Socket:
    """A client of my-protocol."""

    def __init__(self, port, path):
        self.read = b""
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=WAIT_SECONDS)
        self.socket.sendall((f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: Upgrade\r\n"
                             "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                             "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n").encode())
        head = self.until(b"\r\n\r\n")
        if b" 101 " not in head:
            raise Failed(f"{path} is answered {head!r}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def more(self):
        got = self.socket.recv(65536)
        if not got:
            raise Failed("the server hung up")
        self.read += got

    def until(self, mark):
        while mark not in self.read:
            self.more()
        head, self.read = self.read.split(mark, 1)
        return head

    def take(self, count):
        while len(self.read) < count:
            self.more()
        taken, self.read = self.read[:count], self.read[count:]
        return taken

    def say(self, kind, body):
        message = kind + body
        # Masked, as a client has to, by a mask that changes nothing.
        self.socket.sendall(bytes([0x82, 0x80 | len(message)]) + bytes(4) + message)

    def hear(self):
        """The next message; of a close, what it says."""
        first, length = self.take(2)
        if length == 126:
            length = int.from_bytes(self.take(2), "big")
        body = self.take(length)
        if first & 0x0f == 8:
            raise Failed(f"it was closed: {body!r}")
        return body if first & 0x0f in (1, 2) else self.hear()

    def hear_until(self, beginning):
        """The first message that begins so."""
        while not (heard := self.hear()).startswith(beginning):
            pass
        return heard


def manifest(plugins, libraries):
    """Of these, in their order: kinds of examples, with the file of each, or ids of Freshet's own."""
    text = '[server]\nlisten = ["127.0.0.1:4747"]\n'
    for name in plugins:
        text += f'\n[[plugin]]\nuse = "{libraries.get(name, name)}"\n'
        if name in libraries and name in SETTINGS:
            text += "[plugin.settings]\n" + "".join(f'{key} = "{value}"\n' for key, value in SETTINGS[name].items())
    return text


def meet(program, folder, text, update, more=lambda server, ann, bob: None):
    """Ann writes, and is told that it is saved; Bob comes later, and has it. `more` is what they do then."""
    with Served(program, folder, text) as server:
        path = f"/my-protocol/hall?token={SECRET}&name=Ann"
        with Socket(server.port, path) as ann:
            ann.say(b"u", update)
            ann.hear_until(b"s1")
            with Socket(server.port, path) as bob:
                heard = bob.hear()
                if not heard.startswith(b"u") or heard.count(update[:-1]) != 1:
                    raise Failed(f"who comes later is given {heard!r}")
                more(server, ann, bob)


def chat(server, ann, bob):
    """By an app's procedure, and by the page of an HTTP plugin."""
    ann.say(b"e", b'say\n{"text":"hello"}')
    said = bob.hear_until(b"esaid\n")
    if not said.startswith(b'esaid\n{"text":"hello","by":{') or b"Ann" not in said:
        raise Failed(f"the app answers {said!r}")
    server.ask("/my-http/hall", b'{"at":"noon"}', {"Authorization": f"Bearer {KEY}"})
    ann.hear_until(b'eannounced\n{"at":"noon"}')

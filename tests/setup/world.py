"""What the tests of the first hour share: the program in a folder of its own, servers that answer as
broken ones do, and a report as TAP."""
import contextlib
import grp
import os
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "ports"))
from free_port import free_port  # noqa: E402

FRESHET = os.path.abspath(sys.argv[1])
WAIT_SECONDS = 30

PLUGINS = """
[[plugin]]
use = "platform-ws"
{platform}
[[plugin]]
use = "crdt-native"
[[plugin]]
use = "store-sqlite"
[plugin.settings]
path = "{store}"
[[plugin]]
use = "protocol-yjs"
{more}
"""


# What is run behind it may do no more than anybody, also when root runs the tests.
UNPRIVILEGED = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups") if os.geteuid() == 0 else ()


def foreign_group():
    """One that who is unprivileged is not in."""
    return next(each.gr_name for each in grp.getgrall() if each.gr_gid not in (65534, os.getegid(), *os.getgroups()))


def expect(holds, said):
    if not holds:
        raise AssertionError(str(said))


def manifest(listen=None, admin="unix:admin.sock", store="data/freshet.db", settings="", limits="", more="", server=""):
    platform = f"[plugin.settings]\n{settings}" if settings else ""
    return (f'[server]\nlisten = ["{listen or f"127.0.0.1:{free_port()}"}"]\nadmin = "{admin}"\n{server}\n[limits]\n{limits}\n'
            + PLUGINS.format(platform=platform, store=store, more=more))


class Folder:
    """A folder that goes away, and the program in it."""

    def __init__(self):
        self.path = tempfile.mkdtemp(prefix="freshet-setup-")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        subprocess.run(["rm", "-rf", self.path], check=False)

    def file(self, name):
        return os.path.join(self.path, name)

    def write(self, name, text):
        with open(self.file(name), "w", encoding="utf-8") as out:
            out.write(text)

    def hand_over(self):
        """To who is unprivileged."""
        if os.geteuid() == 0:
            os.chown(self.path, 65534, 65534)

    def read(self, name):
        with open(self.file(name), encoding="utf-8") as text:
            return text.read()

    def freshet(self, *words, variables=None, prefix=(), typed=""):
        done = subprocess.run([*prefix, FRESHET, *words], cwd=self.path, capture_output=True, text=True, check=False,
                              timeout=WAIT_SECONDS, input=typed, env=dict(os.environ) | (variables or {}))
        return done.returncode, done.stdout, done.stderr

    @contextlib.contextmanager
    def server(self, *words, variables=None, ready=b"serves"):
        """A running server; its log is a file of this folder."""
        with open(self.file("log"), "wb") as log:
            process = subprocess.Popen([FRESHET, "serve", *words], cwd=self.path, stderr=log, stdout=log,
                                       env=dict(os.environ) | (variables or {}))
        try:
            until = time.monotonic() + WAIT_SECONDS
            while ready not in open(self.file("log"), "rb").read():
                expect(process.poll() is None and time.monotonic() < until, self.read("log"))
                time.sleep(0.02)
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(WAIT_SECONDS)
        expect(process.returncode == 0, f"the server ended with {process.returncode}: {self.read('log')}")


def connected(port):
    """A socket at the server's port, waited for: a line that says it is there may be written before it is, or left out."""
    until = time.monotonic() + WAIT_SECONDS
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=WAIT_SECONDS)
        except ConnectionRefusedError:
            if time.monotonic() > until:
                raise
            time.sleep(0.02)


@contextlib.contextmanager
def answering(answer, certificate=None):
    """A server that says `answer` (bytes) to whoever comes, whatever is asked. Its port."""
    listener = socket.create_server(("127.0.0.1", 0))
    context = None
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*certificate)

    def serve():
        while True:
            try:
                peer, _ = listener.accept()
            except OSError:
                return
            with contextlib.suppress(OSError), peer:
                peer.settimeout(WAIT_SECONDS)
                with context.wrap_socket(peer, server_side=True) if context else peer as talk:
                    talk.recv(65536)
                    talk.sendall(answer)
                    talk.recv(65536)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        with contextlib.suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()


def make_certificate(folder, name, days, made_days_ago=0):
    """Of itself, for localhost, and good for so long from when it was made."""
    cert, key = folder.file(f"{name}.pem"), folder.file(f"{name}.key")
    then = ["faketime", "-f", f"-{made_days_ago}d"] if made_days_ago else []
    subprocess.run([*then, "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                    "-keyout", key, "-out", cert, "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
                    "-days", str(days)], check=True, capture_output=True, timeout=WAIT_SECONDS)
    return cert, key


def run(tests):
    print(f"1..{len(tests)}")
    for number, test in enumerate(tests, 1):
        name = test.__name__.replace("_", " ")
        try:
            test()
            print(f"ok {number} - {name}", flush=True)
        except (AssertionError, ValueError, KeyError, OSError, subprocess.SubprocessError) as wrong:
            print(f"not ok {number} - {name}", flush=True)
            print("# " + str(wrong).replace("\\n", "\n").replace("\n", "\n# "))

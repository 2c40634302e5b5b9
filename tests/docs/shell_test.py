"""The commands of the docs, typed as they stand there, in a folder that has what the page takes for granted.

Usage: shell_test.py FRESHET SOURCE_ROOT; speaks TAP. In a page: `<!-- run: tests/docs/shell_test.py as NAME -->`, where NAME is a
function below: a world that the block is typed in.
"""
import base64
import contextlib
import os
import shutil
import sqlite3
import struct
import subprocess
import sys

from blocks import claimed_by

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "setup"))
from world import FRESHET, WAIT_SECONDS, Folder, expect, free_port, manifest, run  # noqa: E402

ROOT = os.path.abspath(sys.argv[2])
SECRETS = {"FRESHET_AUTH_SECRET": "a secret of the tests, and a long one", "FRESHET_API_KEY": "a key of the tests, and a long one, too",
           "FRESHET_ADMIN_KEY": "8d5f1b2c3e4a59687756453423120f1e"}

# What `freshet` is for a block: `serve` serves until it is ready, and is then stopped in order, so that the next line is typed.
PROGRAM = """#!/bin/sh
[ "$1" = serve ] || exec "{freshet}" "$@"
"{freshet}" "$@" 2>served & pid=$!
for _ in $(seq 600); do grep -q 'serves' served && break; kill -0 $pid 2>/dev/null || break; sleep 0.05; done
cat served >&2; kill -TERM $pid; wait $pid
"""

# One client, one struct: "hi" in the root "t"; nothing deleted. As Yjs writes it.
UPDATE = b"\x01\x01\x01\x00\x04\x01\x01t\x02hi\x00"


def sweet(update):
    """As y-sweet keeps a document: migrate-y-sweet.test.mjs has the words."""
    entries = {b"\0\0doc\0": struct.pack(">I", 1), b"\0\x01" + struct.pack(">I", 1) + b"\0": update}
    sized = lambda part: struct.pack("<Q", len(part)) + part  # noqa: E731
    return struct.pack("<Q", len(entries)) + b"".join(sized(key) + sized(value) for key, value in entries.items())


def table(folder, file, name, room, state, value):
    with contextlib.closing(sqlite3.connect(folder.file(file))) as db:
        db.execute(f"CREATE TABLE {name} ({room} TEXT, {state} BLOB)")
        db.execute(f"INSERT INTO {name} VALUES ('notes', ?)", (value,))
        db.commit()


def usual(folder, **more):
    folder.write("freshet.toml", manifest(admin="unix:data/admin.sock", **more))


JWT = '[[plugin]]\nuse = "auth-jwt"\n[plugin.settings]\nsecret = "${FRESHET_AUTH_SECRET}"\npluv_secret = "${FRESHET_AUTH_SECRET}"\napi_key = "${FRESHET_API_KEY}"\n'


@contextlib.contextmanager
def first(_):
    yield {}


@contextlib.contextmanager
def stopped(folder):
    """A room NAME, and no server."""
    usual(folder)
    folder.write("kept.update", "")
    with open(folder.file("kept.update"), "wb") as file:
        file.write(UPDATE)
    done = folder.freshet("rooms", "import", "NAME", "kept.update", "--yes")
    expect(done[0] == 0, done)
    yield {}


@contextlib.contextmanager
def served(folder):
    """The same, served; and a manifest for trying things out."""
    with stopped(folder):
        os.mkdir(folder.file("backup"))
        folder.write("tried.toml", manifest(admin="unix:tried.sock", store="tried.db"))
        with folder.server():
            yield {}


@contextlib.contextmanager
def running(folder):
    usual(folder)
    with folder.server():
        yield {}


@contextlib.contextmanager
def with_admin_key(folder):
    port = free_port()
    folder.write("freshet.toml", manifest(admin=f"127.0.0.1:{port}", server='admin_key = "${FRESHET_ADMIN_KEY}"'))
    with folder.server(variables=SECRETS):
        yield {"curl -H": "curl --fail -H", "127.0.0.1:4748": f"127.0.0.1:{port}"}


@contextlib.contextmanager
def with_tokens(folder):
    port = free_port()
    usual(folder, listen=f"127.0.0.1:{port}", more=JWT)
    with folder.server(variables=SECRETS):
        yield {"eyJhbGciOi...": '"$(freshet token --room notes --user ann)"', "127.0.0.1:4747": f"127.0.0.1:{port}"}


@contextlib.contextmanager
def signing(folder):
    usual(folder)
    os.mkdir(folder.file("plugins"))
    shutil.copy(os.path.join(os.path.dirname(FRESHET), "../plugins/crdt-native/crdt-native.so"), folder.file("plugins/mine.so"))
    yield {"-m freshet.toml": '--trust "$(cat release.key.pub)"'}  # where the reader has written it by then


@contextlib.contextmanager
def migrating(folder):
    """What other servers kept, by the names that the pages give it."""
    usual(folder)
    folder.write("cluster.toml", manifest(admin="unix:other.sock", store="other.db"))
    expect(folder.freshet("check", "freshet.toml")[0] == 0, "the manifest")
    table(folder, "app.db", "room", "name", "storage", base64.b64encode(UPDATE).decode())
    table(folder, "app.db", "docs", "slug", "ydoc", UPDATE)
    table(folder, "db.sqlite", "documents", "name", "data", UPDATE)
    os.mkdir(folder.file("states"))
    folder.write("states/notes", base64.b64encode(UPDATE).decode())
    os.makedirs(folder.file("data/notes"))
    with open(folder.file("data/notes/data.ysweet"), "wb") as file:
        file.write(sweet(UPDATE))
    yield {}


@contextlib.contextmanager
def schema(folder):
    usual(folder)
    os.mkdir(folder.file("src"))
    yield {}


@contextlib.contextmanager
def secrets(folder):
    yield {"/etc/freshet": folder.path}


WORLDS = {
    "first": first, "rooms": stopped, "backup": stopped, "nightly": served, "tried": served, "one-room": served, "log-file": stopped, "metrics": running, "admin-key": with_admin_key, "safe-mode": stopped, "signing": signing, "tokens": with_tokens,
    "pluv-tokens": with_tokens, "migrate-pluv": migrating, "migrate-hocuspocus": migrating, "migrate-y-sweet": migrating,
    "migrate-store": migrating, "schema": schema, "secrets": secrets, "new-plugin": first,
}


def typed(block):
    def test():
        with Folder() as folder, WORLDS[block.mark["name"]](folder) as others:
            os.mkdir(folder.file("bin"))
            folder.write("bin/freshet", PROGRAM.format(freshet=FRESHET))
            os.chmod(folder.file("bin/freshet"), 0o755)
            text = block.text
            for there, instead in others.items():
                text = text.replace(there, instead)
            done = subprocess.run(["bash", "-euo", "pipefail", "-x", "-c", text], cwd=folder.path, capture_output=True, text=True, check=False,
                                  timeout=2 * WAIT_SECONDS, stdin=subprocess.DEVNULL,
                                  env=dict(os.environ) | SECRETS | {"PATH": folder.file("bin") + ":" + os.environ["PATH"]})
            expect(done.returncode == 0, f"exit code {done.returncode}\n{done.stdout}{done.stderr}")
    test.__name__ = f"{block.place}, as {block.mark['name']}"
    return test


run([typed(block) for block in claimed_by(ROOT, "tests/docs/shell_test.py")])

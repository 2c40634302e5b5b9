"""The manifests in the docs are ones that a server takes: each through `freshet check`, as it stands there. What is a part of one
is put behind what it leaves out.

Usage: manifests_test.py FRESHET SOURCE_ROOT; speaks TAP.
"""
import os
import re
import sys

from blocks import claimed_by

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "setup"))
from world import Folder, expect, run  # noqa: E402

ROOT = os.path.abspath(sys.argv[2])
VARIABLES = {
    "FRESHET_AUTH_SECRET": "a secret of the tests, and a long one", "FRESHET_WEBHOOK_SECRET": "a secret of the tests, and a long one",
    "PLUV_SECRET": "a secret of the tests, and a long one", "FRESHET_API_KEY": "a key of the tests, and a long one, too",
    "FRESHET_DATABASE": "postgresql://freshet:one@127.0.0.1:1/freshet", "FRESHET_DIRECT": "postgresql://freshet:one@127.0.0.1:1/freshet",
    "FRESHET_REDIS": "redis://127.0.0.1:1", "FRESHET_ADMIN_KEY": "a key of the tests, and a long one, too",
}
# A part leaves these out, unless it names another that stands in its place.
USUAL = {"platform-ws": (), "crdt-native": (), "store-sqlite": ("store-postgres",), "protocol-yjs": ("protocol-pluv", "protocol-hocuspocus")}


def whole(text):
    used = set(re.findall(r'^use *= *"([^"]+)"', text, re.MULTILINE))
    server = "" if "[server]" in text else "[server]\n"
    listen = "" if re.search(r"^listen *=", text, re.MULTILINE) else 'listen = ["127.0.0.1:4747"]\n'
    begun = text if not server else server + listen + text
    if not server and listen:
        begun = text.replace("[server]\n", f"[server]\n{listen}")
    more = [name for name, others in USUAL.items() if name not in used and not used.intersection(others)]
    # A bus is between those who share a store.
    if any(name.startswith("bus-") for name in used) and "store-postgres" not in used:
        more.remove("store-sqlite")
        begun += '\n[[plugin]]\nuse = "store-postgres"\n[plugin.settings]\nurl = "${FRESHET_DATABASE}"\n'
    # And who lets other machines in asks who they are.
    if '"tls:0.0.0.0' in text and not any(name.startswith("auth-") for name in used):
        begun += '\n[[plugin]]\nuse = "auth-jwt"\n[plugin.settings]\nsecret = "${FRESHET_AUTH_SECRET}"\n'
    return begun + "".join(f'\n[[plugin]]\nuse = "{name}"\n' for name in more)


def check_of(block):
    def test():
        with Folder() as folder:
            folder.write("freshet.toml", whole(block.text))
            code, said, wrong = folder.freshet("check", "freshet.toml", variables=VARIABLES)
            expect(code == 0, f"{code}: {said}{wrong}\n{folder.read('freshet.toml')}")
    test.__name__ = f"{block.place} is a manifest"
    return test


run([check_of(block) for block in claimed_by(ROOT, "tests/docs/manifests_test.py")])

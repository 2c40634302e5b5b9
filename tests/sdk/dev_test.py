"""`freshet dev`: a server for as long as somebody tries a plugin, as a person has it.

Usage: dev_test.py FRESHET EXAMPLES BROKEN; speaks TAP. BROKEN: where the plugins of tests/plugin-check are.
"""
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from served import WAIT_SECONDS
from tap import Failed, Skipped, Tap

MANIFEST = """[server]
listen = ["127.0.0.1:4747"]
[[plugin]]
use = "platform-ws"
[[plugin]]
use = "crdt-native"
[[plugin]]
use = "store-sqlite"
[plugin.settings]
path = "data/mine.db"
[[plugin]]
use = "./build/my-auth.so"
[plugin.settings]
secret = "${MY_SECRET}"
[[plugin]]
use = "protocol-yjs"
"""
# One letter of Yjs, as an update.
LETTER = bytes([1, 1, 1, 0, 4, 1, 1]) + b"t" + bytes([1]) + b"a" + bytes([0])
GET = "python3 -c \"import os, urllib.request as r; print(r.urlopen(os.environ['FRESHET_URL'] + '%s').read().decode())\""


class World:
    """A folder of an author, with what is temporary in it, too."""

    def __init__(self, program, examples, broken):
        self.program, self.examples, self.broken = program, examples, broken

    def __enter__(self):
        self.root = tempfile.mkdtemp(prefix="freshet-dev-test-")
        self.temporary = os.path.join(self.root, "tmp")
        os.makedirs(self.temporary)
        os.makedirs(os.path.join(self.root, "build"))
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.root)

    def take(self, example, name=None):
        """As a build puts it in place: by writing into the file that is there."""
        path = os.path.join(self.root, "build", name or example)
        folder = self.examples if example.startswith("my-") else self.broken
        with open(os.path.join(folder, example), "rb") as built, open(path, "wb") as file:
            shutil.copyfileobj(built, file)
        return path

    def write(self, name, text, mode="w"):
        with open(os.path.join(self.root, name), mode) as file:
            file.write(text)

    def start(self, *arguments):
        environment = dict(os.environ) | {"TMPDIR": self.temporary, "MY_SECRET": "a-secret-of-people",
                                          "PROGRAM": self.program}
        return subprocess.Popen([self.program, "dev", *arguments], cwd=self.root, env=environment, text=True,
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def ends(self, process, code):
        try:
            said, _ = process.communicate(timeout=2 * WAIT_SECONDS)
        except subprocess.TimeoutExpired as late:
            process.kill()
            raise Failed(f"it does not end\n{process.communicate()[0]}") from late
        if process.returncode != code:
            raise Failed(f"exit {process.returncode}, and not {code}\n{said}")
        left = os.listdir(self.temporary)
        if left:
            raise Failed(f"it leaves {left}\n{said}")
        return said

    def run(self, code, *arguments):
        return self.ends(self.start(*arguments), code)


def wait_for(path):
    deadline = time.monotonic() + WAIT_SECONDS
    while not os.path.exists(path):
        if time.monotonic() > deadline:
            raise Failed(f"{path} does not come")
        time.sleep(0.05)


def has(said, *words):
    for word in words:
        if word not in said:
            raise Failed(f"{word!r} is not in\n{said}")


def serves_while_the_command_runs(world):
    said = world.run(7, "--plugin", world.take("my-http.so"), "--cmd", GET % "/my-http" + "; exit 7")
    has(said, "<h1>my-http</h1>")


def shows_two_people_in_one_document(world):
    said = world.run(0, "--plugin", world.take("my-http.so"), "--cmd", GET % "/" + " && " + GET % "/demo/")
    has(said, 'src="/demo/"', "<!doctype html>", "new WebsocketProvider('ws://127.0.0.1:")


def says_how_the_command_was_killed(world):
    world.run(128 + signal.SIGKILL, "--plugin", world.take("my-http.so"), "--cmd", "kill -9 $$")


def takes_up_what_is_built_anew(world):
    plugin = world.take("my-http.so", "mine.so")
    world.write("letter.bin", LETTER, "wb")
    rooms = '"$PROGRAM" rooms %s -m "$FRESHET_MANIFEST"'
    steps = [rooms % "import hall letter.bin --yes", GET % "/my-http" + " >page.html",
             "touch built-anew", "until test -e seen; do sleep 0.1; done",
             # Its page is gone, and the rooms are there.
             f"until ! {GET % '/my-http'} 2>/dev/null; do sleep 0.1; done",
             f"until {GET % '/readyz'} 2>/dev/null; do sleep 0.1; done",
             rooms % "export hall --json"]
    process = world.start("--plugin", plugin, "--cmd", " && ".join(steps))
    try:
        wait_for(os.path.join(world.root, "built-anew"))
        world.take("my-app.so", "mine.so")
        world.write("seen", "")
        said = world.ends(process, 0)
    finally:
        process.kill()
    has(said, "a plugin has changed", '{"t":"a"}')


def goes_on_when_a_build_is_no_plugin(world):
    plugin = world.take("my-http.so", "mine.so")
    process = world.start("--plugin", plugin, "--cmd", "touch begun; until test -e again; do sleep 0.1; done; "
                          f"until {GET % '/my-http'} 2>/dev/null; do sleep 0.1; done")
    try:
        wait_for(os.path.join(world.root, "begun"))
        world.write("build/mine.so", "no plugin")
        time.sleep(1)  # it is looked at within that; the build that follows is taken up either way
        world.take("my-http.so", "mine.so")
        world.write("again", "")
        world.ends(process, 0)
    finally:
        process.kill()


def ends_with_ctrl_c(world):
    process = world.start("--plugin", world.take("my-http.so"), "--cmd", "echo $$ >shell; touch begun; sleep 1000")
    wait_for(os.path.join(world.root, "begun"))
    with open(os.path.join(world.root, "shell"), encoding="utf-8") as file:
        shell = int(file.read())
    process.send_signal(signal.SIGINT)
    world.ends(process, 130)
    if os.path.exists(f"/proc/{shell}"):
        raise Failed("the command goes on")


def has_the_settings_of_a_manifest(world):
    world.write("freshet.toml", MANIFEST)
    said = world.run(0, "--plugin", world.take("my-auth.so"), "-m", "freshet.toml",
                     "--cmd", 'cat "$FRESHET_MANIFEST"')
    has(said, "${MY_SECRET}", "/my-auth.so")
    if "data/mine.db" in said or os.path.exists(os.path.join(world.root, "data")):
        raise Failed(f"the store of the manifest is touched\n{said}")


def keeps_what_a_store_keeps_in_its_folder(world):
    said = world.run(0, "--plugin", world.take("my-store.so"), "--cmd", 'cat "$FRESHET_MANIFEST"')
    has(said, "/my-store.so")
    if "store-sqlite" in said or os.path.exists(os.path.join(world.root, "data")):
        raise Failed(said)


def says_what_is_no_plugin(world):
    world.write("build/none.so", "no plugin")
    has(world.run(1, "--plugin", "./build/none.so", "--cmd", "true"), "none.so")
    has(world.run(1, "--plugin", "./build/nowhere.so", "--cmd", "true"), "cannot read ./build/nowhere.so")
    has(world.run(1, "--plugin", world.take("my-http.so"), "-m", "nowhere.toml", "--cmd", "true"), "nowhere.toml")


def needs_broken_plugins(world):
    if not os.path.isdir(world.broken):
        raise Skipped("what a sanitizer makes of a crash is its own")


def says_what_crashes_or_hangs_when_loaded(world):
    needs_broken_plugins(world)
    has(world.run(1, "--plugin", world.take("crashes_at_load.so"), "--cmd", "true"),
        "a plugin crashed when it was loaded (Segmentation fault)")
    has(world.run(1, "--plugin", world.take("hangs_at_load.so"), "--cmd", "true"),
        "a plugin hangs when it is loaded")


def goes_on_when_a_build_crashes(world):
    needs_broken_plugins(world)
    plugin = world.take("my-http.so", "mine.so")
    process = world.start("--plugin", plugin, "--cmd", "touch begun; until test -e again; do sleep 0.1; done; "
                          f"{GET % '/my-http'}")
    try:
        wait_for(os.path.join(world.root, "begun"))
        world.take("crashes_at_load.so", "mine.so")
        time.sleep(2)  # it is looked at within that; the server before is there either way
        world.write("again", "")
        said = world.ends(process, 0)
    finally:
        process.kill()
    has(said, "a plugin crashed when it was loaded", "<h1>my-http</h1>")


STORIES = {
    "a command has a server, and its exit code is passed on": serves_while_the_command_runs,
    "its first page has two people in one document": shows_two_people_in_one_document,
    "of a command that was killed the signal is told": says_how_the_command_was_killed,
    "a plugin that is built anew is taken up, and rooms stay": takes_up_what_is_built_anew,
    "a build that is no plugin is not the end": goes_on_when_a_build_is_no_plugin,
    "Ctrl-C ends all of it": ends_with_ctrl_c,
    "a plugin has the settings that a manifest gives it, whose store is left alone": has_the_settings_of_a_manifest,
    "a store is tried in a folder that goes away": keeps_what_a_store_keeps_in_its_folder,
    "what is no plugin, or no manifest, is said": says_what_is_no_plugin,
    "a plugin that crashes or hangs when it is loaded is said": says_what_crashes_or_hangs_when_loaded,
    "a build that crashes leaves the server before it": goes_on_when_a_build_crashes,
}


def main():
    places = [os.path.realpath(path) for path in sys.argv[1:4]]
    tap = Tap(len(STORIES))
    for name, story in STORIES.items():
        with World(*places) as world:
            tap.tell(name, lambda s=story, w=world: s(w))
    return 1 if tap.failed else 0


if __name__ == "__main__":
    sys.exit(main())

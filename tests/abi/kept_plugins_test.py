"""Plugins that were built from the headers of a release, in the server of today: it loads them, they keep their
promises, and people are served by them.

Usage: kept_plugins_test.py SOURCE_ROOT FRESHET CHECKER; speaks TAP. What a release's authors began from, in C, is
kept beside its headers, and compiled here with nothing else.
"""
import concurrent.futures
import glob
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "sdk"))
from tap import Failed, Tap  # pylint: disable=wrong-import-position
from two_people import LETTER_OF_YJS, SETTINGS, chat, manifest, meet  # pylint: disable=wrong-import-position

KINDS = ("app", "auth", "bus", "crdt", "http", "protocol", "store")

# One line of my-crdt: of client 1, its first.
LINE = bytes([1, 1, 0, 2]) + b"hi"


def run(command):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode != 0:
        raise Failed(f"{' '.join(command)}: exit {done.returncode}\n{done.stdout}")


class Release:
    def __init__(self, source, version, program, checker, root):
        self.headers = os.path.join(source, "tests", "abi", version)
        self.script = os.path.join(source, "sdk", "plugin.map")
        self.program, self.checker, self.folder = program, checker, root

    def library(self, kind):
        return os.path.join(self.folder, f"my-{kind}.so")

    def compile(self):
        sources = glob.glob(os.path.join(self.headers, "plugins", "my_*.c"))
        kinds = sorted(os.path.basename(path)[3:-2] for path in sources)
        if kinds != sorted(KINDS):
            raise Failed(f"there are plugins of the kinds {kinds}")
        for kind in kinds:
            run(["gcc", "-std=gnu11", "-O1", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-pthread",
                 "-I" + os.path.join(self.headers, "include"), "-Wl,--version-script=" + self.script,
                 os.path.join(self.headers, "plugins", f"my_{kind}.c"), "-o", self.library(kind)])

    def keeps_its_promises(self, kind):
        given = SETTINGS | {"bus": {"folder": "{dir}"}}
        settings = [word for pair in given.get(kind, {}).items() for word in ("--set", "=".join(pair))]
        run([self.checker, self.library(kind), "--reproduce", "1", *settings])

    def libraries(self):
        return {kind: self.library(kind) for kind in KINDS}

    def serves_all_but_the_engine(self):
        plugins = ["platform-ws", "crdt-native", "store", "auth", "app", "http", "protocol"]
        meet(self.program, self.folder, manifest(plugins, self.libraries()), LETTER_OF_YJS, chat)

    def serves_the_engine(self):
        plugins = ["platform-ws", "crdt", "store", "auth", "protocol"]
        meet(self.program, self.folder, manifest(plugins, self.libraries()), LINE)


def main():
    source, program, checker = map(os.path.abspath, sys.argv[1:4])
    kept = sorted(name for name in os.listdir(os.path.join(source, "tests", "abi")) if name[0].isdigit())
    tap = Tap(len(kept) * (3 + len(KINDS)))
    for version in kept:
        with tempfile.TemporaryDirectory(prefix="freshet-abi-") as root, \
                concurrent.futures.ThreadPoolExecutor(2) as pool:
            release = Release(source, version, program, checker, root)
            if not tap.tell(f"the plugins of {version} are built from its headers", release.compile):
                return 1
            checked = [(kind, pool.submit(release.keeps_its_promises, kind)) for kind in KINDS]
            for kind, outcome in checked:
                tap.tell(f"the {kind} of {version} keeps its promises", outcome.result)
            tap.tell(f"the plugins of {version} serve two people", release.serves_all_but_the_engine)
            tap.tell(f"the engine of {version} serves two people", release.serves_the_engine)
    return 1 if tap.failed else 0


if __name__ == "__main__":
    sys.exit(main())

"""Plugins of several compilers and standard libraries in one server.

Usage: compilers_test.py SOURCE_ROOT FRESHET; speaks TAP. Each has its own standard library's exceptions, strings and
allocators inside, and none of them crosses the border.
"""
import os
import shutil
import subprocess
import sys
import tempfile

from tap import Failed, Skipped, Tap
from two_people import LETTER_OF_YJS, chat, manifest, meet

COMPILERS = {
    "g++": ["g++"],
    "clang++": ["clang++-19"],
    "clang++ with libc++": ["clang++-19", "-stdlib=libc++"],
}
# Who builds what of the examples, when all of them are there.
ROUNDS = ({"store": "g++", "auth": "clang++", "app": "clang++ with libc++", "http": "g++", "protocol": "clang++"},
          {"store": "clang++ with libc++", "auth": "clang++ with libc++", "app": "g++", "http": "clang++",
           "protocol": "clang++ with libc++"})


def works(words):
    """Whether a plugin can be built, and its standard library is here when it is loaded."""
    if shutil.which(words[0]) is None:
        return False
    done = subprocess.run([*words, "-std=c++20", "-xc++", "-", "-o", "/dev/null"], capture_output=True, check=False,
                          input=b"#include <string>\nint main() { return int(std::string().size()); }\n")
    return done.returncode == 0


def build(source, words, kind, folder):
    out = os.path.join(folder, f"my-{kind}.so")
    done = subprocess.run([*words, "-std=c++20", "-O0", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-pthread",
                           "-I" + os.path.join(source, "sdk", "include"),
                           "-Wl,--version-script=" + os.path.join(source, "sdk", "plugin.map"),
                           os.path.join(source, "sdk", "examples", kind, f"my_{kind}.cc"), "-o", out],
                          capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Failed(f"{' '.join(words)}, {kind}: {done.stderr}")
    return out


def serves(source, program, builders, there):
    missing = sorted({name for name in builders.values() if name not in there})
    if missing:
        raise Skipped(f"there is no {' and no '.join(missing)} here; libc++-19-dev has the last")
    with tempfile.TemporaryDirectory(prefix="freshet-compilers-") as folder:
        libraries = {kind: build(source, COMPILERS[name], kind, folder) for kind, name in builders.items()}
        plugins = ["platform-ws", "crdt-native", *builders]
        meet(program, folder, manifest(plugins, libraries), LETTER_OF_YJS, chat)


def main():
    source, program = (os.path.realpath(path) for path in sys.argv[1:3])
    there = [name for name, words in COMPILERS.items() if works(words)]
    # What is on every machine that builds this.
    rounds = ({kind: ("g++", "clang++")[at % 2] for at, kind in enumerate(ROUNDS[0])}, *ROUNDS)
    tap = Tap(len(rounds))
    for builders in rounds:
        tap.tell(", ".join(f"{kind} by {name}" for kind, name in builders.items()),
                 lambda b=builders: serves(source, program, b, there))
    return 1 if tap.failed else 0


if __name__ == "__main__":
    sys.exit(main())

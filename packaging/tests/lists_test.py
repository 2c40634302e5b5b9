"""Whether each file that `meson install` installs is in one of the debs: Debian's tools refuse to build them otherwise,
which a night alone would see.

Usage: lists_test.py BUILD DEBIAN; speaks TAP.
"""
import fnmatch
import glob
import json
import os
import subprocess
import sys

BUILD, DEBIAN = sys.argv[1:]


def introspected(what):
    answer = subprocess.run(["meson", "introspect", BUILD, f"--{what}"], check=True, capture_output=True)
    return json.loads(answer.stdout)


def files_of(source):
    """Of a folder what is in it; of a file nothing more."""
    if not os.path.isdir(source):
        return [""]
    return [os.path.relpath(os.path.join(folder, name), source) for folder, _, names in os.walk(source) for name in names]


def installed():
    """Below usr/, as packaging/debian/rules sets the folders."""
    options = {option["name"]: option["value"] for option in introspected("buildoptions")}
    for source, path in introspected("installed").items():
        below = os.path.relpath(path, options["prefix"])
        if below.startswith(options["libdir"] + "/"):
            below = "lib" + below[len(options["libdir"]):]
        for name in files_of(source):
            yield os.path.normpath(os.path.join("usr", below, name))


def lines():
    for name in glob.glob(os.path.join(DEBIAN, "*.install")):
        with open(name, encoding="utf-8") as text:
            yield from text.read().split("\n")


def takes(line, path):
    """A line of debhelper: a folder with all that is in it, or files, of which * matches no slash."""
    parts = line.split("/")
    at = path.split("/")
    return len(at) >= len(parts) and all(map(fnmatch.fnmatchcase, at, parts)) and (len(at) == len(parts) or "*" not in line)


taken = [line for line in lines() if line]
left = sorted(path for path in installed() if not any(takes(line, path) for line in taken))
print("1..1")
print(f"{'not ' if left else ''}ok 1 - every file that is installed is in a deb")
for path in left:
    print(f"# no line of packaging/debian/*.install takes {path}")

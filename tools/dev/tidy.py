"""clang-tidy over the product's sources, as many at a time as there are cores.

Without --all: over what changed last (a header by one source that includes it) and as many of the
rest, others with each commit, as make FILES_MAX together.

A source is looked at again only when it, a header of this tree that it includes, its flags,
.clang-tidy or clang-tidy itself has changed since it was found clean: the preprocessor says what it
includes.
"""
import argparse
import concurrent.futures
import functools
import hashlib
import json
import os
import re
import shlex
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from checks import kept  # noqa: E402

BUILD = "build/tidy"
KEPT = "tidy-clean.json"
# Of one source: branches, and a change that is taken back.
FINGERPRINTS_MAX = 8
# Tests repeat what the product's headers already show, and the macros of GoogleTest and Benchmark
# cost minutes.
PRODUCT = re.compile(r"(core|plugins|sdk)/(?!.*(tests?|benchmarks)/)")
# A source takes some twelve seconds of a core.
FILES_MAX = 24
CHANGED_MAX = 16
# Long enough for the commits that arrive together with the newest.
LATELY_SECONDS = 3 * 24 * 3600


def entries():
    with open(os.path.join(BUILD, "compile_commands.json"), encoding="utf-8") as file:
        for entry in json.load(file):
            path = os.path.relpath(os.path.join(entry["directory"], entry["file"]))
            if PRODUCT.match(path) and path.endswith(".cc"):
                yield path, entry


def git(*words):
    return subprocess.run(["git", *words], capture_output=True, text=True, check=True).stdout


def changed_lately():
    """Paths that no commit has yet or that the last days before the newest commit changed, the last
    first."""
    since = int(git("log", "-1", "--format=%ct")) - LATELY_SECONDS
    paths = git("diff", "HEAD", "--name-only") + git("log", f"--since=@{since}", "--name-only", "--format=")
    return list(dict.fromkeys(filter(None, paths.split("\n"))))


def body_of(header, sources):
    """One source that includes the header; the one of its own name, if there is one."""
    stem = os.path.splitext(os.path.basename(header))[0]
    line = re.compile(r'#include [<"](.*/)?' + re.escape(os.path.basename(header)) + '[>"]')
    includers = []
    for path in sources:
        with open(path, encoding="utf-8") as file:
            if line.search(file.read()):
                includers.append(path)
    own = [path for path in includers if os.path.splitext(os.path.basename(path))[0] == stem]
    return (own or includers)[:1]


def chosen(sources):
    """Those to look at without --all."""
    return choice(sources, changed_sources(sources), int(git("rev-list", "--count", "HEAD")))


def changed_sources(sources):
    for path in changed_lately():
        if path in sources:
            yield path
        elif PRODUCT.match(path) and path.endswith(".h") and os.path.exists(path):
            yield from body_of(path, sorted(sources))


def choice(sources, changed, turn):
    """The first of `changed`, and the next of all the others: with each turn the row goes on where
    the one before has ended."""
    picked = list(dict.fromkeys(changed))[:CHANGED_MAX]
    row = sorted(sources)
    places = FILES_MAX - CHANGED_MAX
    begin = turn * places % max(len(row), 1)
    for path in row[begin:] + row[:begin]:
        if len(picked) == FILES_MAX:
            break
        if path not in picked:
            picked.append(path)
    return picked


def fingerprint(entry):
    """A hash of all that clang-tidy would see of this tree, or None when it does not preprocess."""
    words = shlex.split(entry["command"])
    if words[0].endswith("ccache"):
        words = words[1:]
    flags = words[:min(words.index(flag) for flag in ("-MD", "-o") if flag in words)]
    listing = subprocess.run([*flags, "-w", "-MM", entry["file"]], cwd=entry["directory"],
                             capture_output=True, text=True, check=False)
    if listing.returncode != 0:
        return None
    names = listing.stdout.replace("\\\n", " ").split(":", 1)[1].split()
    digest = hashlib.sha256(" ".join([tidy_version(), *words]).encode())
    for name in [*sorted(names), os.path.abspath(".clang-tidy")]:
        with open(os.path.join(entry["directory"], name), "rb") as file:
            digest.update(file.read())
    return digest.hexdigest()


@functools.lru_cache(maxsize=None)
def tidy_version():
    return subprocess.run(["clang-tidy-19", "--version"], capture_output=True, text=True, check=True).stdout


def look(job):
    """(path, fingerprint, output): an empty output is a clean file."""
    path, entry, known = job
    now = fingerprint(entry)
    if now in known:
        return path, now, ""
    run = subprocess.run(["clang-tidy-19", "-p", BUILD, "--quiet", path], capture_output=True,
                         text=True, check=False)
    return path, now, run.stdout if run.returncode else ""


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--all", action="store_true", help="every source of the product")
    everything = parser.parse_args().all
    clean = kept.read(KEPT)
    # A source may be compiled into two targets; one look is enough.
    sources = dict(entries())
    picked = sorted(sources) if everything else chosen(set(sources))
    jobs = [(path, sources[path], clean.get(path, [])) for path in picked]
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for path, now, output in pool.map(look, jobs):
            if output:
                failed += 1
                print(output.replace(os.getcwd() + "/", ""), flush=True)
            elif now:
                others = [known for known in clean.get(path, []) if known != now]
                clean[path] = [*others, now][-FINGERPRINTS_MAX:]
    kept.write(KEPT, clean)
    print(f"clang-tidy: {len(jobs)} of {len(sources)} files, {failed} not clean")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

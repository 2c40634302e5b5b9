"""clang-tidy over the product's sources, as many at a time as there are cores.

Without --all: over what changed lately (a header by one source that includes it) and a share of the
rest, another one with each commit, so that a row of commits looks at everything.

A source is looked at again only when it, a header of this tree that it includes, its flags or
.clang-tidy has changed since it was found clean: the preprocessor says what it includes.
"""
import argparse
import concurrent.futures
import hashlib
import json
import os
import re
import shlex
import subprocess
import sys
import zlib

BUILD = "build/tidy"
CACHE = os.path.join(BUILD, "clean.json")
# Tests repeat what the product's headers already show, and the macros of GoogleTest and Benchmark
# cost minutes.
PRODUCT = re.compile(r"(core|plugins|sdk)/(?!.*(tests?|benchmarks)/)")
SHARES = 6
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
    """Paths that the last days before the newest commit changed, or that no commit has yet."""
    since = int(git("log", "-1", "--format=%ct")) - LATELY_SECONDS
    return set(git("log", f"--since=@{since}", "--name-only", "--format=").split("\n")) | set(
        git("diff", "HEAD", "--name-only").split("\n"))


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
    changed = changed_lately()
    picked = changed & sources
    for path in changed - sources:
        if PRODUCT.match(path) and path.endswith(".h") and os.path.exists(path):
            picked.update(body_of(path, sorted(sources)))
    turn = int(git("rev-list", "--count", "HEAD")) % SHARES
    picked.update(path for path in sources if zlib.crc32(path.encode()) % SHARES == turn)
    return picked


def fingerprint(entry):
    """A hash of all of this tree that clang-tidy would see, or None when it does not preprocess."""
    words = shlex.split(entry["command"])
    if words[0].endswith("ccache"):
        words = words[1:]
    flags = words[:min(words.index(flag) for flag in ("-MD", "-o") if flag in words)]
    listing = subprocess.run([*flags, "-w", "-MM", entry["file"]], cwd=entry["directory"],
                             capture_output=True, text=True, check=False)
    if listing.returncode != 0:
        return None
    names = listing.stdout.replace("\\\n", " ").split(":", 1)[1].split()
    digest = hashlib.sha256(" ".join(words).encode())
    for name in [*sorted(names), os.path.abspath(".clang-tidy")]:
        with open(os.path.join(entry["directory"], name), "rb") as file:
            digest.update(file.read())
    return digest.hexdigest()


def look(job):
    """(path, fingerprint, output): an empty output is a clean file."""
    path, entry, known = job
    now = fingerprint(entry)
    if now is not None and now == known:
        return path, now, ""
    run = subprocess.run(["clang-tidy-19", "-p", BUILD, "--quiet", path], capture_output=True,
                         text=True, check=False)
    return path, now, run.stdout if run.returncode else ""


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--all", action="store_true", help="every source of the product")
    everything = parser.parse_args().all
    try:
        with open(CACHE, encoding="utf-8") as file:
            clean = json.load(file)
    except (OSError, ValueError):
        clean = {}
    # A source may be compiled into two targets; one look is enough.
    sources = dict(entries())
    picked = set(sources) if everything else chosen(set(sources))
    jobs = [(path, sources[path], clean.get(path)) for path in sorted(picked)]
    # What was not looked at now stays as clean as it was.
    failed, fresh = 0, {path: known for path, known in clean.items() if path not in picked}
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for path, now, output in pool.map(look, jobs):
            if output:
                failed += 1
                print(output.replace(os.getcwd() + "/", ""), flush=True)
            elif now:
                fresh[path] = now
    with open(CACHE, "w", encoding="utf-8") as file:
        json.dump(fresh, file)
    print(f"clang-tidy: {len(jobs)} of {len(sources)} files, {failed} not clean")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

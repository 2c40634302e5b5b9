"""clang-tidy over the product's sources, as many at a time as there are cores.

A source is looked at again only when it, a header of this tree that it includes, its flags or
.clang-tidy has changed since it was found clean: the preprocessor says what it includes.
"""
import concurrent.futures
import hashlib
import json
import os
import re
import shlex
import subprocess
import sys

BUILD = "build/tidy"
CACHE = os.path.join(BUILD, "clean.json")
# Tests repeat what the product's headers already show, and the macros of GoogleTest and Benchmark
# cost minutes.
PRODUCT = re.compile(r"(core|plugins|sdk)/(?!.*(tests?|benchmarks)/)")


def entries():
    with open(os.path.join(BUILD, "compile_commands.json"), encoding="utf-8") as file:
        for entry in json.load(file):
            path = os.path.relpath(os.path.join(entry["directory"], entry["file"]))
            if PRODUCT.match(path) and path.endswith(".cc"):
                yield path, entry


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
    try:
        with open(CACHE, encoding="utf-8") as file:
            clean = json.load(file)
    except (OSError, ValueError):
        clean = {}
    # A source may be compiled into two targets; one look is enough.
    jobs = [(path, entry, clean.get(path)) for path, entry in dict(entries()).items()]
    failed, fresh = 0, {}
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for path, now, output in pool.map(look, jobs):
            if output:
                failed += 1
                print(output.replace(os.getcwd() + "/", ""), flush=True)
            elif now:
                fresh[path] = now
    with open(CACHE, "w", encoding="utf-8") as file:
        json.dump(fresh, file)
    print(f"clang-tidy: {len(jobs)} files, {failed} not clean")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

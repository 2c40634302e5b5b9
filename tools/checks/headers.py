"""Every header compiles alone, so that a reader needs to include nothing before it; the SDK's C
headers as C11 and as C++20. One of the product that its own body includes before all else is compiled
alone by clang-tidy when it changes, and by the nightly build. A header whose bytes, and those of all
it includes from this tree, are as they were when it last compiled, is not compiled again."""
import concurrent.futures
import functools
import hashlib
import json
import os
import re
import shlex
import subprocess

from . import kept
from .includes import component_of, is_installed, stem_of
from .layers import INCLUDE
from .tree import Finding

KEPT = "headers-checked.json"
STRICT = ["-Wall", "-Wextra", "-Wpedantic", "-Werror", "-fsyntax-only"]
COMMANDS = ["build/release/compile_commands.json", "build/compile_commands.json"]


def check(tree):
    cache = kept.read(KEPT)
    jobs = [(path, language) for path in tree.headers if "/template/" not in path
            for language in languages(path) if language == "c11" or not comes_first(tree, path)]
    flags = compile_flags()
    fresh = {}
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        results = pool.map(lambda job: compile_alone(*job, flags, cache), jobs)
        for (path, language), (error, inputs) in zip(jobs, results):
            if error:
                yield Finding(path, 1, "header", f"does not compile alone as {language}: include what "
                              f"it uses, and keep it clean under -Wpedantic\n{error}")
            elif inputs:
                fresh[key_of(path, language)] = inputs
    kept.write(KEPT, fresh)


def comes_first(tree, path):
    """Does a body of its name, which clang-tidy reads, include it before all else?"""
    if "tests" in path.split("/") or path.startswith("benchmarks/"):
        return False
    for source in tree.sources:
        if source.path.endswith(".cc") and stem_of(source.path) == stem_of(path) and (
                os.path.dirname(source.path) == os.path.dirname(path)
                or is_installed(path) and component_of(source.path) == component_of(path)):
            first = INCLUDE.search(source.code_with_strings)
            if first and first.group(1) == '"' and ("/" + path).endswith("/" + first.group(2)):
                return True
    return False


@functools.lru_cache(maxsize=None)
def compiler_version():
    return subprocess.run(["g++", "-dumpfullversion"], capture_output=True, text=True,
                          check=False).stdout.strip()


def key_of(path, language):
    return f"{path} {language} {compiler_version()}"


def languages(path):
    return ["c11", "c++20"] if path.startswith("sdk/include/freshet/abi") else ["c++20"]


def compile_flags():
    """Folder -> include paths and defines of a file compiled in it, from the last configured build."""
    flags = {}
    for commands in filter(os.path.exists, COMMANDS):
        with open(commands, encoding="utf-8") as file:
            for entry in json.load(file):
                for source in sources_of(entry):
                    flags.setdefault(os.path.dirname(os.path.relpath(source)), include_flags(entry))
    return flags


def sources_of(entry):
    """What is compiled: the source, or those that meson has put together into one."""
    file = os.path.join(entry["directory"], entry["file"])
    if not re.search(r"-unity[0-9]+\.\w+$", file):
        return [file]
    with open(file, encoding="utf-8") as joined:
        return re.findall(r'#include\s*[<"]([^>"]+)', joined.read())


def include_flags(entry):
    words = shlex.split(entry["command"])
    kept = []
    for word, following in zip(words, words[1:] + [""]):
        if word.startswith("-I"):
            kept.append("-I" + os.path.join(entry["directory"], word[2:]))
        elif word == "-isystem":
            kept.append("-isystem" + os.path.join(entry["directory"], following))
        elif word.startswith(("-D", "-isystem")):
            kept.append(word)
    return kept


def flags_near(path, flags):
    folder = os.path.dirname(path)
    while folder not in flags and folder != os.path.dirname(folder):
        folder = os.path.dirname(folder)
    return flags.get(folder, [])


def compile_alone(path, language, flags, cache):
    """(error or None, {input: hash} of a success)."""
    inputs = cache.get(key_of(path, language))
    if inputs and all(hash_of(name) == known for name, known in inputs.items()):
        return None, inputs
    compiler = ["gcc", "-xc"] if language == "c11" else ["g++", "-xc++"]
    # Through a file that includes it: a main file may not say #pragma once.
    run = subprocess.run(
        [*compiler, f"-std={language}", *STRICT, "-Isdk/include", "-I.", *flags_near(path, flags),
         "-H", "-"],
        input=f'#include "{os.path.abspath(path)}"\n', capture_output=True, text=True, check=False)
    if run.returncode != 0:
        errors = [line for line in run.stderr.splitlines() if re.search(r"\b(error|fatal)\b", line)]
        return "\n".join("    " + line.replace(os.getcwd() + "/", "") for line in errors[:4]), None
    here = {os.path.relpath(line.lstrip(". ")) for line in run.stderr.splitlines()
            if line.startswith(".")}
    return None, {name: hash_of(name) for name in here if not name.startswith("..")}


def hash_of(path):
    try:
        with open(path, "rb") as file:
            return hashlib.sha256(file.read()).hexdigest()
    except OSError:
        return None

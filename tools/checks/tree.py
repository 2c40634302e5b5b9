"""The files of the tree, in the form the checks want them; findings, and exceptions to them."""
import dataclasses
import fnmatch
import functools
import os
import re
import subprocess

CODE = (".h", ".cc", ".c")
TEXT = CODE + (".py", ".mjs", ".md", ".toml", ".build", ".sh", ".txt", ".map")
NO_ENDING = ("dev", ".ci/run", "tools/check")
# What a release has said stays as it was said, and its headers have the names of today's.
KEPT = re.compile(r"tests/abi/[0-9]")


@dataclasses.dataclass(frozen=True)
class Finding:
    path: str
    line: int
    rule: str
    message: str

    def __str__(self):
        return f"{self.path}:{self.line}: [{self.rule}] {self.message}"


@dataclasses.dataclass
class Allowed:
    """One line of tools/check.allow: `rule path-pattern  # reason`."""
    rule: str
    pattern: str
    line: int
    used: bool = False

    def covers(self, finding):
        hit = finding.rule == self.rule and fnmatch.fnmatch(finding.path, self.pattern)
        self.used = self.used or hit
        return hit


def read_allowed(path):
    entries = []
    with open(path, encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            words, mark, reason = line.partition("#")
            if not words.strip():
                continue
            if not mark or not reason.strip():
                raise SystemExit(f"{path}:{number}: an exception needs its reason after a #")
            rule, pattern = words.split()
            entries.append(Allowed(rule, pattern, number))
    return entries


def unused_entries(allowed, not_asked=()):
    """Not those of rules that were not asked for this time."""
    return [entry for entry in allowed if not entry.used and entry.rule not in not_asked]


def blank(match):
    """Same length, same lines, no content."""
    return re.sub(r"[^\n]", " ", match.group())


# A quote within a comment opens no string and the reverse: one pattern for both, leftmost wins.
# The digit before a ' keeps 1'000 from opening a character.
PARTS = re.compile(
    r'//[^\n]*|/\*.*?\*/|R"(?P<tag>[^(\s]*)\(.*?\)(?P=tag)"|"(?:\\.|[^"\\\n])*"'
    r"|(?<![0-9a-fA-F])'(?:\\.|[^'\\\n])+'", re.DOTALL)


class Source:
    """One file. `code` is its text with comments and the insides of strings blanked."""

    def __init__(self, path, text):
        self.path = path
        self.text = text

    @property
    def is_code(self):
        return self.path.endswith(CODE)

    @property
    def is_test(self):
        """Tests, benchmarks and fuzzers may do what the product may not."""
        return bool(re.match(r"(tests|benchmarks|tools|examples)/", self.path)
                    or re.search(r"/tests?/|_test\.cc$|/testing\.h$|/testing/", self.path))

    @functools.cached_property
    def code(self):
        return PARTS.sub(lambda m: blank(m) if m.group()[0] == "/" else '"' + blank(m)[2:] + '"',
                         self.text)

    @functools.cached_property
    def code_with_strings(self):
        return PARTS.sub(lambda m: blank(m) if m.group()[0] == "/" else m.group(), self.text)

    def line_of(self, offset):
        return self.text.count("\n", 0, offset) + 1

    def finding(self, offset, rule, message):
        return Finding(self.path, self.line_of(offset), rule, message)


class Tree:
    def __init__(self, sources):
        self.sources = sources
        self.by_path = {source.path: source for source in sources}

    @staticmethod
    def of_git():
        """What git tracks, or would track: a new file is checked before it is added."""
        listed = subprocess.run(
            ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            check=True, capture_output=True)
        sources = []
        for path in sorted(set(listed.stdout.decode().split("\0"))):
            if not path.endswith(TEXT) and path not in NO_ENDING or not os.path.isfile(path) or KEPT.match(path):
                continue
            with open(path, encoding="utf-8", errors="replace") as file:
                sources.append(Source(path, file.read()))
        return Tree(sources)

    @functools.cached_property
    def headers(self):
        return [source.path for source in self.sources if source.path.endswith(".h")]

    def headers_named(self, name):
        """The headers an #include "name" can mean."""
        return [path for path in self.headers if path == name or path.endswith("/" + name)]

    def plugin_folders(self):
        return sorted({"/".join(path.split("/")[:2]) for path in self.by_path
                       if path.startswith("plugins/") and path.count("/") >= 2})

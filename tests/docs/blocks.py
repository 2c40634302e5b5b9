"""The code in the docs: every fenced block, and who says that it runs.

A block of a language that runs has a comment in the line above its fence:

  <!-- run: TEST -->, <!-- run: TEST as NAME -->   TEST is a file of the tree, which takes the block out of the page and runs it
  <!-- of FILE -->                                 the block stands in FILE, line for line; tests/sdk/snippets_test.py looks
  <!-- not run: WHY -->                            in words
"""
import dataclasses
import os
import re
import subprocess

# What is left are words of a program, drawings and lists of tables.
RUNS = {"sh", "bash", "js", "jsx", "ts", "css", "html", "toml", "c", "cpp", "rust", "json", "nginx", "haproxy", "caddy", "yaml", "sql", "ini"}
MARK = re.compile(r"<!-- (?:run: (?P<test>\S+)(?: as (?P<name>\S+))?|of (?P<file>\S+)|not run: (?P<why>.+)) -->")


@dataclasses.dataclass
class Block:
    page: str
    line: int
    language: str
    text: str
    mark: re.Match | None

    @property
    def place(self):
        return f"{self.page}:{self.line}"


def pages(root):
    """The pages of the tree that people read, relative to it."""
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", "--", "*.md"], cwd=root, capture_output=True, text=True, check=True)
    there = [page for page in listed.stdout.split() if os.path.exists(os.path.join(root, page))]
    # Made into files of the reader's own; the tests of the templates build those.
    return sorted(page for page in there if not page.startswith("sdk/template/"))


def blocks_of(root, page):
    with open(os.path.join(root, page), encoding="utf-8") as file:
        lines = file.read().split("\n")
    found, at = [], 0
    while at < len(lines):
        opened = re.fullmatch(r"(\s*)```(\S*)", lines[at])
        if opened:
            end = lines.index(opened[1] + "```", at + 1)
            text = "".join(f"{line}\n" for line in lines[at + 1:end])
            found.append(Block(page, at + 1, opened[2], text, MARK.fullmatch(lines[at - 1].strip())))
            at = end
        at += 1
    return found


def claimed_by(root, test):
    """The blocks that this test runs."""
    return [block for page in pages(root) for block in blocks_of(root, page) if block.mark and block.mark["test"] == test]

"""Is the code in the pages about plugins that of the examples? A block under `<!-- of FILE -->` stands in
that file, line for line, however far to the right. And can the examples in C++ be read: each is short?

Usage: snippets_test.py SOURCE_ROOT; speaks TAP.
"""
import glob
import os
import re
import sys

# What a person reads before the first cup is empty.
MOST_LINES = 150
BLOCK = re.compile(r"<!-- of (\S+) -->\n```\w+\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def lines_of(text):
    return [line.strip() for line in text.strip().splitlines()]


def stands_in(block, text):
    wanted, there = lines_of(block), lines_of(text)
    return any(there[at:at + len(wanted)] == wanted for at in range(len(there)))


def main():
    root = sys.argv[1]
    pages = sorted(glob.glob(os.path.join(root, "docs", "**", "*.md"), recursive=True))
    blocks = []
    for page in pages:
        with open(page, encoding="utf-8") as file:
            blocks += [(os.path.relpath(page, root), *found) for found in BLOCK.findall(file.read())]
    examples = sorted(glob.glob(os.path.join(root, "sdk", "examples", "*", "my_*.cc")))
    examples = [path for path in examples if not path.endswith("_test.cc")]
    print(f"1..{len(blocks) + 1 + len(examples)}")
    failed = not blocks or not examples
    print(f"{'not ok' if failed else 'ok'} 1 - there are such blocks")
    for number, (page, source, block) in enumerate(blocks, 2):
        with open(os.path.join(root, source), encoding="utf-8") as file:
            same = stands_in(block, file.read())
        failed = failed or not same
        print(f"{'ok' if same else 'not ok'} {number} - {page} has code of {source}: {lines_of(block)[0]}")
    for number, path in enumerate(examples, len(blocks) + 2):
        with open(path, encoding="utf-8") as file:
            lines = sum(1 for _ in file)
        failed = failed or lines >= MOST_LINES
        print(f"{'ok' if lines < MOST_LINES else 'not ok'} {number} - {os.path.relpath(path, root)} has fewer than "
              f"{MOST_LINES} lines: {lines}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

"""Does every block of code in the docs run in a test, or say why not? See blocks.py for how a page says it.

Usage: claims_test.py SOURCE_ROOT; speaks TAP.
"""
import glob
import os
import sys

from blocks import RUNS, blocks_of, pages


def says(test, name):
    """Whether the test, or what it shares with others of its folder, has this word."""
    for path in [test, *glob.glob(os.path.join(os.path.dirname(test), "lib", "*.mjs"))]:
        with open(path, encoding="utf-8") as file:
            if name in file.read():
                return True
    return False


def fault_of(root, block):
    """What is wrong with what a page says of its block; empty: nothing."""
    if not block.mark:
        return "" if block.language not in RUNS else "says neither `<!-- run: TEST -->` nor `<!-- not run: WHY -->` above the fence (tests/docs/blocks.py)"
    source = block.mark["test"] or block.mark["file"]
    if source and not os.path.exists(os.path.join(root, source)):
        return f"names {source}, which is not there"
    if block.mark["name"] and not says(os.path.join(root, source), block.mark["name"]):
        return f"is \"{block.mark['name']}\" for {source}, which has no such word"
    return ""


def main():
    root = sys.argv[1]
    there = [page for page in pages(root) if blocks_of(root, page)]
    print(f"1..{len(there) + 1}")
    print(f"{'ok' if there else 'not ok'} 1 - there are pages with code")
    failed = not there
    for number, page in enumerate(there, 2):
        faults = [f"{block.place}: {fault}" for block in blocks_of(root, page) if (fault := fault_of(root, block))]
        failed = failed or bool(faults)
        print(f"{'not ok' if faults else 'ok'} {number} - {page}: each block of code is run, or says why not")
        for fault in faults:
            print(f"# {fault}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

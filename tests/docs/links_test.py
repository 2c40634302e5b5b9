"""Do the links of the pages lead somewhere: to a file of the tree, and to a heading in it?

Usage: links_test.py SOURCE_ROOT; speaks TAP. Addresses of other sites are not asked.
"""
import os
import re
import sys

from blocks import pages

LINK = re.compile(r"\[(?:[^\[\]]|\[[^\]]*\])*\]\(([^()\s]*(?:\([^()]*\)[^()\s]*)*)\)|<(?:a href|img src)=\"([^\"]+)\"")
FENCE = re.compile(r"^([ \t]*)```.*?^\1```$", re.DOTALL | re.MULTILINE)
ELSEWHERE = re.compile(r"[a-z]+:|//")


def anchor(heading):
    """As GitHub makes it, and mkdocs with its slugs."""
    plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).replace("`", "").strip().lower()
    return re.sub(r"[^\w\- ]", "", plain).replace(" ", "-")


def anchors_of(path, known={}):
    if path not in known:
        with open(path, encoding="utf-8") as file:
            text = FENCE.sub("", file.read())
        seen, found = {}, set()
        for heading in re.findall(r"^#{1,6} (.+)$", text, re.MULTILINE):
            name = anchor(heading)
            found.add(f"{name}-{seen[name]}" if name in seen else name)
            seen[name] = seen.get(name, 0) + 1
        known[path] = found
    return known[path]


def faults_of(root, page):
    with open(os.path.join(root, page), encoding="utf-8") as file:
        text = re.sub(r"`[^`\n]*`", "", FENCE.sub("", file.read()))
    for found in LINK.finditer(text):
        link = found[1] or found[2] or ""
        if ELSEWHERE.match(link):
            continue
        path, _, name = link.partition("#")
        target = os.path.normpath(os.path.join(root, os.path.dirname(page), path)) if path else os.path.join(root, page)
        if not os.path.exists(target):
            yield f"{link}: there is no such file"
        elif name and target.endswith(".md") and name not in anchors_of(target):
            yield f"{link}: there is no such heading"


def main():
    root = os.path.abspath(sys.argv[1])
    there = pages(root)
    print(f"1..{len(there) + 1}")
    print(f"{'ok' if there else 'not ok'} 1 - there are pages")
    failed = not there
    for number, page in enumerate(there, 2):
        faults = list(faults_of(root, page))
        failed = failed or bool(faults)
        print(f"{'not ok' if faults else 'ok'} {number} - {page}: its links lead somewhere")
        for fault in faults:
            print(f"# {fault}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

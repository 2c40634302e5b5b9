"""Lays out the pages of the tree for mkdocs, in build/docs-pages, with the files that they link to, and makes the site in
build/docs. The pages stay where they are and as people read them there.

Usage: site.py SOURCE_ROOT
"""
import html
import os
import re
import shutil
import subprocess
import sys
import urllib.parse

ROOT = os.path.abspath(sys.argv[1])
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(ROOT, "tests", "docs"))
from blocks import MARK, pages  # noqa: E402
from links_test import ELSEWHERE, LINK  # noqa: E402

OUT, SITE = os.path.join(ROOT, "build", "docs-pages"), os.path.join(ROOT, "build", "docs")
LIST = re.compile(r"(- |\d+\. )")


def laid_out(text):
    """A page as mkdocs reads it: who runs a block is nobody's reading, and a list has a blank line above it."""
    lines, fenced = [], False
    for line in text.split("\n"):
        if MARK.fullmatch(line.strip()):
            continue
        if line.lstrip().startswith("```"):
            fenced = not fenced
        if not fenced and LIST.match(line) and lines and lines[-1].strip() and not re.match(r"\s|- |\d+\. ", lines[-1]):
            lines.append("")
        lines.append(line)
    return "\n".join(lines)


def linked(page, text):
    """Files of the tree that a page links to, and what stands in their place if it is a folder."""
    for found in LINK.finditer(text):
        link = (found[1] or found[2] or "").partition("#")[0]
        if link and not ELSEWHERE.match(link):
            yield link, os.path.normpath(os.path.join(os.path.dirname(page), link))


def put(path, text=None):
    target = os.path.join(OUT, path)
    os.makedirs(os.path.dirname(target), exist_ok=True)
    if text is None:
        shutil.copyfile(os.path.join(ROOT, path), target)
    else:
        with open(target, "w", encoding="utf-8") as file:
            file.write(text)


def unlisted(there):
    """Pages for people that nobody would find. Decisions, and what lies beside code, are linked from the pages."""
    with open(os.path.join(HERE, "mkdocs.yml"), encoding="utf-8") as file:
        listed = set(re.findall(r"^ +- (?:.*: )?(\S+\.md)$", file.read(), re.MULTILINE))
    return [page for page in there if page.startswith("docs/") and not page.startswith("docs/adr/") and page not in listed]


def faults_of_site(site):
    """Links to nothing, and what a browser would fetch from elsewhere."""
    ids, links = {}, []
    for folder, _, names in os.walk(site):
        for name in (name for name in names if name.endswith(".html") and name != "404.html"):
            path = os.path.join(folder, name)
            with open(path, encoding="utf-8") as file:
                text = file.read()
            ids[path] = set(re.findall(r'\bid="([^"]+)"', text))
            links += [(path, html.unescape(link)) for link in re.findall(r'<(?:a|link|script|img)\b[^>]*?\b(?:href|src)="([^"]+)"', text)]
            if away := re.search(r'<(?:link|script|img)\b[^>]*?\b(?:href|src)="(?:https?:)?//[^"]+"', text):
                yield f"{os.path.relpath(path, site)}: is not whole without another site: {away[0]}"
    for path, link in links:
        if ELSEWHERE.match(link):
            continue
        to, _, name = urllib.parse.unquote(link).partition("#")
        target = os.path.normpath(os.path.join(os.path.dirname(path), to)) if to else path
        target = os.path.join(target, "index.html") if os.path.isdir(target) else target
        if not os.path.exists(target):
            yield f"{os.path.relpath(path, site)}: {link}: there is no such file"
        elif name and name not in ids.get(target, {name}):
            yield f"{os.path.relpath(path, site)}: {link}: there is no such heading"


def main():
    shutil.rmtree(OUT, ignore_errors=True)
    there = pages(ROOT)
    if missing := unlisted(there):
        print(f"site.py: tools/site/mkdocs.yml has no place for {', '.join(missing)}", file=sys.stderr)
        return 1
    for page in there:
        with open(os.path.join(ROOT, page), encoding="utf-8") as file:
            text = laid_out(file.read())
        for link, path in list(linked(page, text)):
            if os.path.isdir(os.path.join(ROOT, path)):
                readme = os.path.join(path, "README.md")
                instead = f"{link.rstrip('/')}/README.md" if readme in there else None
                text = text.replace(f"]({link})", f"]({instead})") if instead else re.sub(rf"\[([^\]]*)\]\({re.escape(link)}\)", r"\1", text)
            elif path not in there and not path.endswith(".md"):
                put(path)
        put(page, text)
    built = subprocess.run(["mkdocs", "build", "--quiet", "--clean", "--config-file", os.path.join(HERE, "mkdocs.yml")], check=False)
    faults = list(faults_of_site(SITE)) if built.returncode == 0 else []
    for fault in faults:
        print(f"site.py: {fault}", file=sys.stderr)
    return 1 if faults else built.returncode


if __name__ == "__main__":
    sys.exit(main())

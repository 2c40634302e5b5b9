"""Memory that is meant to go back, and stays."""
import re

OWNERS = r"std::(?:vector|deque|(?:basic_)?string|(?:unordered_)?(?:multi)?(?:map|set))\b"
# Of a member: a name alone may be anything's.
EMPTIED = re.compile(r"(?:(?:\.|->)(\w+)|(?<![\w.])(\w+_)) = \{\};")


def kept(tree):
    """`bytes_ = {};` assigns an empty list, for which a vector keeps all that it had reserved."""
    for source in tree.sources:
        if not source.is_code:
            continue
        for match in EMPTIED.finditer(source.code):
            name = match.group(1) or match.group(2)
            if any(declares(text, name) for text in around(tree, source)):
                yield source.finding(match.start(), "kept-memory", f"{name} = {{}} keeps what it "
                                     "had reserved: release_memory() gives it back, clear() says that it stays")


def around(tree, source):
    """Where the type of a name is likely said: this file, and the headers it includes."""
    yield source.code
    for name in re.findall(r'^#include "([^"]+)"', source.text, re.MULTILINE):
        for path in tree.headers_named(name):
            yield tree.by_path[path].code


def declares(code, name):
    return re.search(rf"^\s*(?:mutable )?{OWNERS}(?:<[^;{{}}()]*>)?\s+{name}\b\s*[=;,{{]", code, re.MULTILINE)

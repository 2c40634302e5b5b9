"""Settings: each is read, told of, and says its unit."""
import re

DECLARED = re.compile(r'(?:\bsetting::\w+\(|&Limits::\w+,)\s*"(\w+)"')


def unread(tree, folder):
    """A setting is read by its key: one that stands in the plugin only once is never asked for."""
    sources = [source for source in tree.sources
               if source.path.startswith(folder + "/") and source.is_code and not source.is_test]
    text = "\n".join(source.code_with_strings for source in sources)
    for source in sources:
        for match in DECLARED.finditer(source.code_with_strings):
            key = match.group(1)
            if text.count(f'"{key}"') < 2:
                yield source.finding(match.start(), "unread-setting", f'"{key}" is declared and never '
                                     "read: an operator would turn a knob that moves nothing; read it "
                                     "in create() or remove it")


def untold(tree):
    """What an operator may set stands, `in backticks`, on a page of docs/."""
    pages = "".join(source.text for source in tree.sources
                    if source.path.startswith("docs/") and source.path.endswith(".md"))
    for source in tree.sources:
        if not source.path.startswith(("core/", "plugins/")) or source.is_test or not source.is_code:
            continue
        for match in DECLARED.finditer(source.code_with_strings):
            if f"`{match.group(1)}`" not in pages:
                yield source.finding(match.start(), "untold-setting", f'"{match.group(1)}" is on no page '
                                     "of docs/: a knob nobody knows of; say what it does and its "
                                     "default in docs/operations.md")


# setting::integer(key, default, least, most, unit, help); in the core, time(&Limits::field, key, ...).
INTEGER = re.compile(r"\bsetting::integer\(")
LIMIT = re.compile(r'\b(time|bytes)\(&Limits::\w+,\s*"(\w+)"')
SUFFIX = {"ms": "_ms", "bytes": "_bytes", "time": "_ms"}


def units(tree):
    """A bare number in a manifest is in the unit that its key ends with."""
    for source in tree.sources:
        if not source.path.startswith(("core/", "plugins/")) or source.is_test or not source.is_code:
            continue
        declared = [(match.start(), key, unit) for match in INTEGER.finditer(source.code)
                    for key, unit in key_and_unit(source.code_with_strings, match.end())]
        declared += [(match.start(), match.group(2), match.group(1))
                     for match in LIMIT.finditer(source.code_with_strings)]
        for at, key, unit in declared:
            if not key.endswith(SUFFIX[unit]):
                yield source.finding(at, "unit-in-key", f'"{key}" does not say its unit, and the others do: '
                                     f'call it "{key}{SUFFIX[unit]}"')


ARGUMENT = re.compile(r'"((?:\\.|[^"\\])*)"|[(){},]')


def key_and_unit(code, at):
    """[(key, unit)] of the arguments that begin at `at`; nothing: it has no unit."""
    depth, commas, key = 0, 0, None
    for match in ARGUMENT.finditer(code, at):
        mark = match.group()
        if mark in "({":
            depth += 1
        elif mark in ")}":
            depth -= 1
            if depth < 0:
                return []
        elif mark == "," and depth == 0:
            commas += 1
        elif commas == 0 and mark[0] == '"':
            key = match.group(1)
        elif commas == 4 and mark[0] == '"':
            return [(key, match.group(1))] if match.group(1) in SUFFIX else []
    return []

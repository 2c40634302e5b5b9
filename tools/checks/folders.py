"""What lies in which folder: not too much in one, and bounds where they are looked for."""
import os
import re

FOLDER_FILES_MAX = 20


def sizes(tree):
    """Tests are sources too: a folder of them is looked through like any other."""
    folders = {}
    for source in tree.sources:
        if source.is_code:
            folders.setdefault(os.path.dirname(source.path), []).append(source)
    for folder, sources in sorted(folders.items()):
        if len(sources) > FOLDER_FILES_MAX:
            yield sources[0].finding(0, "folder-size", f"{folder}/ has {len(sources)} headers and sources, "
                                     f"more than {FOLDER_FILES_MAX}: nobody sees a design in so long a "
                                     "list; give what belongs together a folder, by noun")


# A number that calls itself the most there may be. What is the end of a type's range or the size of
# a structure is no choice of ours.
BOUND = re.compile(r"\bconstexpr\s+(?:std::)?(?:u?int\w*|size_t|unsigned|double|chrono::\w+)\s+"
                   r"(k(?:Max[A-Z0-9]\w*|\w*Max(?:Ms|Bytes)?))\s*(?:=\s*([^;]*)|\{([^}]*)\})")
NO_CHOICE = re.compile(r"_MAX\b|numeric_limits|sizeof|offsetof|<<\s*\d+\s*\)\s*-\s*1\b|\bk\w*Max")


def bounds(tree):
    """In the SDK a bound stands with the header that has it: authors read one of them at a time."""
    for source in tree.sources:
        if not source.path.startswith(("core/", "plugins/")) or not source.path.endswith((".h", ".cc")) \
                or source.is_test or source.path.endswith("/limits.h"):
            continue
        for match in BOUND.finditer(source.code):
            value = match.group(2) or match.group(3) or ""
            if re.search(r"\d", value) and not NO_CHOICE.search(value):
                yield source.finding(match.start(), "bound", f"{match.group(1)} is a bound that is found "
                                     "only by who knows where it is: put it into the folder's limits.h, "
                                     "beside the others, with its reason")


# Headers of C that a folder of ours may have, too.
OF_THE_SYSTEM = ("limits.h", "time.h", "signal.h", "string.h", "errno.h", "math.h")
TARGET = re.compile(r"\b(?:executable|library|static_library|shared_library|shared_module)\(")


def hiding(tree):
    """A target looks for <limits.h> in its own folder first, unless it is told not to."""
    names = {source.path for source in tree.sources}
    for source in tree.sources:
        folder, name = os.path.split(source.path)
        hidden = [each for each in OF_THE_SYSTEM if os.path.join(folder, each) in names]
        if name != "meson.build" or not hidden:
            continue
        for match in TARGET.finditer(source.text):
            if "implicit_include_directories: false" not in call_at(source.text, match.end()):
                yield source.finding(match.start(), "hidden-header", f"this folder's {hidden[0]} is taken for "
                                     "the system's by what is compiled here: say "
                                     "implicit_include_directories: false")


def call_at(text, at):
    """The arguments that begin at `at`, up to the parenthesis that ends them."""
    depth = 1
    for end in range(at, len(text)):
        depth += {"(": 1, ")": -1}.get(text[end], 0)
        if depth == 0:
            return text[at:end]
    return text[at:]

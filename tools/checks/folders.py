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

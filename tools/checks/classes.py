"""How much one class does, and where its functions are."""
import functools
import os

from .declarations import Reader
from .includes import component_of, is_installed, stem_of

CLASS_FUNCTIONS_MAX = 40


@functools.lru_cache(maxsize=None)
def read(source):
    return Reader(source.code)


def sizes(tree):
    """Counted is what somebody wrote: constructors and operators too, and each overload. What is
    defaulted or deleted is not, nor friends, nor the functions of classes within the class."""
    for source in tree.sources:
        if not source.is_code:
            continue
        for one in read(source).classes:
            written = [function for function in one.functions if function.ending not in ("default", "delete")]
            if len(written) > CLASS_FUNCTIONS_MAX:
                yield source.finding(one.at, "class-size", f"{one.name} has {len(written)} functions, more "
                                     f"than {CLASS_FUNCTIONS_MAX}: it has more than one reason to change; "
                                     "what some of its members and functions share alone is a class")


def bodies(tree):
    """What edit.h declares is defined in edit.cc beside it, or in an edit_text.cc that has no header
    of its own. A header that bears its folder's name may have all such files of the folder:
    tree/tree.h has tree/remove.cc. The body of an installed header lies elsewhere, and bears its
    name to the letter."""
    homes = declared_in(tree)
    for source in tree.sources:
        strangers = {}
        for function in definitions(source):
            headers = homes.get((component_of(source.path), function.full_name), set())
            if headers and not any(is_body_of(tree, source.path, header) for header in headers):
                strangers.setdefault(min(headers), []).append(function)
        for header, functions in strangers.items():
            names = ", ".join(dict.fromkeys("::".join([*function.scope[-1:], function.name])
                                            for function in functions))
            yield source.finding(functions[0].at, "body-name", f"declared in {header} and defined here: "
                                 f"{names}; who looks for them opens {stem_of(header)}.cc: move them "
                                 f"there, or give this file's noun a class and a header of its own")


def definitions(source):
    """What a file defines of the functions that others may call."""
    if not source.is_code or not component_of(source.path):
        return []
    return [function for function in read(source).functions
            if (function.has_body or function.ending == "default") and not function.in_class
            and not function.is_static and "?" not in function.scope]


def declared_in(tree):
    """(component, full name of a function) -> the headers that declare it and leave its body out."""
    homes = {}
    for path in tree.headers:
        for function in read(tree.by_path[path]).functions if component_of(path) else []:
            if not function.has_body and not function.ending and not function.is_static:
                homes.setdefault((component_of(path), function.full_name), set()).add(path)
    return homes


def is_body_of(tree, path, header):
    if path == header:
        return True
    stem, name, folder = stem_of(path), stem_of(header), os.path.dirname(path)
    if is_installed(header):
        return stem == name
    if folder != os.path.dirname(header):
        return False
    if stem == name:
        return True
    of_name = stem.startswith(name + "_") or os.path.basename(folder) == name
    return of_name and f"{folder}/{stem}.h" not in tree.by_path

"""Verdicts on files that stay true as long as the files do. They lie beside the compiler's cache
and not in the clone, so that a fresh clone has them too; without them all is looked at again."""
import json
import os
import tempfile


def path_of(name):
    home = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return os.path.join(home, "freshet", name)


def read(name):
    try:
        with open(path_of(name), encoding="utf-8") as file:
            return json.load(file)
    except (OSError, ValueError):
        return {}


def write(name, verdicts):
    """Whole or not at all: two clones may write at once, and then the last one's are kept."""
    path = path_of(name)
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=os.path.dirname(path), delete=False) as file:
            json.dump(verdicts, file)
        os.replace(file.name, path)
    except OSError as error:
        print(f"{path}: cannot be written, all is looked at again next time: {error.strerror}")

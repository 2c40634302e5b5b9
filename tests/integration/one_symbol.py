#!/usr/bin/env python3
"""one_symbol.py PLUGIN.so...: each defines one dynamic symbol, the function freshet_plugin_entry.

Everything else a plugin exported could be taken for the same name in another plugin or the host.
"""

import subprocess
import sys

ENTRY = "freshet_plugin_entry"


def defined_symbols(path):
    """(kind, name) of every dynamic symbol the file defines."""
    listing = subprocess.run(["nm", "-D", "--defined-only", path], check=True,
                             capture_output=True, text=True).stdout
    return [tuple(line.split()[-2:]) for line in listing.splitlines()]


def main(paths):
    failed = not paths
    for path in paths:
        symbols = defined_symbols(path)
        if symbols != [("T", ENTRY)]:
            failed = True
            names = ", ".join(f"{kind} {name}" for kind, name in symbols[:20]) or "none"
            print(f"{path}: should define the function {ENTRY} alone, but defines: {names}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

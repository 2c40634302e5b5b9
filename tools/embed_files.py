#!/usr/bin/env python3
"""Writes files into a C++ source, so that a program has them wherever it is installed.

Usage: embed_files.py OUT HEADER FUNCTION ROOT FILE...; each is known by its path below ROOT.
"""
import os
import sys

DELIMITER = "freshet"


def main():
    out, header, function, root, *files = sys.argv[1:]
    with open(out, "w", encoding="utf-8") as to:
        to.write(f'#include "{header}"\n\nnamespace freshet::cli {{\n\n'
                 f"std::span<const EmbeddedFile> {function}() {{\n"
                 "  static constexpr EmbeddedFile kFiles[] = {\n")
        for path in sorted(files):
            with open(path, encoding="utf-8") as file:
                text = file.read()
            if f'){DELIMITER}"' in text:
                raise SystemExit(f"{path} has the end of a raw string in it")
            to.write(f'    {{"{os.path.relpath(path, root)}", R"{DELIMITER}({text}){DELIMITER}"}},\n')
        to.write("  };\n  return kFiles;\n}\n\n}  // namespace freshet::cli\n")


if __name__ == "__main__":
    main()

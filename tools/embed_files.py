#!/usr/bin/env python3
"""Writes files into a C++ source, so that a program has them wherever it is installed.

Usage: embed_files.py OUT HEADER FUNCTION TYPE ROOT FILE...; each is known by its path below ROOT. FUNCTION comes with its
namespace, "freshet::cli::template_files"; TYPE is a struct of path and text that HEADER knows.
"""
import os
import sys

DELIMITER = "freshet"


def main():
    out, header, function, kind, root, *files = sys.argv[1:]
    space, name = function.rsplit("::", 1)
    with open(out, "w", encoding="utf-8") as to:
        # A file may be longer than the literals that every compiler must take; ours take it.
        to.write('#pragma GCC diagnostic ignored "-Woverlength-strings"\n')
        to.write(f'#include "{header}"\n\nnamespace {space} {{\n\n'
                 f"std::span<const {kind}> {name}() {{\n"
                 "  using namespace std::string_view_literals;\n"  # their length is known, however long
                 f"  static constexpr {kind} kFiles[] = {{\n")
        for path in sorted(files):
            with open(path, encoding="utf-8") as file:
                text = file.read()
            if f'){DELIMITER}"' in text:
                raise SystemExit(f"{path} has the end of a raw string in it")
            to.write(f'    {{"{os.path.relpath(path, root)}", R"{DELIMITER}({text}){DELIMITER}"sv}},\n')
        to.write(f"  }};\n  return kFiles;\n}}\n\n}}  // namespace {space}\n")


if __name__ == "__main__":
    main()

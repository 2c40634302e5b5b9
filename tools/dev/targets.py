"""Prints what ninja has to build, relative to the build folder: what `meson install` would install
and, with --tests, what the tests need that run_tests.py runs with the same --word and --skip-suite."""
import argparse
import json
import os
import subprocess
import sys

from run_tests import wanted_tests


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("build")
    parser.add_argument("--tests", action="store_true")
    parser.add_argument("--word", default="")
    parser.add_argument("--skip-suite", action="append", default=[])
    return parser.parse_args()


def main():
    args = arguments()
    # A folder from before may know less than meson.build does by now.
    again = subprocess.run(["ninja", "-C", args.build, "build.ninja"], stdout=subprocess.PIPE, text=True)
    if again.returncode:
        sys.exit(again.stdout)
    ids = {needed for test in wanted_tests(args) for needed in test["depends"]} if args.tests else {}
    answer = subprocess.run(["meson", "introspect", args.build, "--targets"], check=True,
                            capture_output=True)
    for target in json.loads(answer.stdout):
        if target["id"] in ids or (target["installed"] and target["type"] != "custom"):
            for name in target["filename"]:
                print(os.path.relpath(name, args.build))


if __name__ == "__main__":
    main()

"""Prints what ninja has to build, relative to the build folder: what `meson install` would install
and, with --tests, what the tests need that run_tests.py runs with the same --skip-suite."""
import argparse
import json
import os
import subprocess


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("build")
    parser.add_argument("--tests", action="store_true")
    parser.add_argument("--skip-suite", action="append", default=[])
    return parser.parse_args()


def introspect(build, what):
    answer = subprocess.run(["meson", "introspect", build, what], check=True, capture_output=True)
    return json.loads(answer.stdout)


def needed(args):
    """The ids of the targets that the wanted tests depend on."""
    for test in introspect(args.build, "--tests") if args.tests else []:
        suites = {suite.split(":", 1)[-1] for suite in test["suite"]}
        if not suites & set(args.skip_suite):
            yield from test["depends"]


def main():
    args = arguments()
    ids = set(needed(args))
    for target in introspect(args.build, "--targets"):
        if target["id"] in ids or (target["installed"] and target["type"] != "custom"):
            for name in target["filename"]:
                print(os.path.relpath(name, args.build))


if __name__ == "__main__":
    main()

"""Runs the tests of a build folder and counts their cases.

`meson test` counts executables; people want cases. Meson's junit file has the cases of every
GoogleTest and TAP run, its json log has the verdict on each executable: one that fails although no
case of it did (a leak found at exit, a crash, a time-out) counts as one more failure.

What a test that failed said is repeated behind the table, under `--- failed: NAME`: a log that is cut keeps
its end. The last line is always `N passed, N failed`, with `, N skipped` when there are any.
"""
import argparse
import collections
import json
import os
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as xml

Counts = collections.namedtuple("Counts", "passed failed skipped")
SAID_LINES = 40  # of a test that failed
SAID_WIDTH = 300
COMPLAINT = re.compile(r"^not ok|: Failure$|^\[  FAILED  \]|^(FAIL|ERROR): |ERROR: \w+Sanitizer|runtime error:|^Traceback")


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("build")
    parser.add_argument("--word", default="", help="only tests with this in their name or suite")
    parser.add_argument("--skip-suite", action="append", default=[])
    parser.add_argument("--slower", type=int, default=1, help="factor on every time-out")
    return parser.parse_args()


def wanted_tests(args):
    """What meson knows of each test that the caller wants, with the names of its suites."""
    answer = subprocess.run(["meson", "introspect", args.build, "--tests"], check=True,
                            capture_output=True)
    for test in json.loads(answer.stdout):
        suites = [suite.split(":", 1)[-1] for suite in test["suite"]]
        if set(suites) & set(args.skip_suite):
            continue
        if args.word in test["name"] or any(args.word in suite for suite in suites):
            yield test | {"suite": suites}


def verdicts(log):
    """Full name ("freshet:unit / core") -> meson's verdict, from the json log: one object a line."""
    with open(log, encoding="utf-8") as lines:
        return {entry["name"]: entry for entry in map(json.loads, lines)}


def count_cases(suite):
    failed = sum(1 for case in suite.iter("testcase")
                 if case.find("failure") is not None or case.find("error") is not None)
    skipped = sum(1 for case in suite.iter("testcase")
                  if case.find("skipped") is not None or case.get("status") == "notrun"
                  or case.get("result") == "skipped")
    return Counts(len(list(suite.iter("testcase"))) - failed - skipped, failed, skipped)


def cases_by_test(junit, names):
    """Full name -> Counts. A junit suite is called `project.test` or `project.test.GoogleTestSuite`;
    tests that have no cases of their own share one suite, each a case under its full name."""
    found = collections.defaultdict(lambda: Counts(0, 0, 0))
    for suite in xml.parse(junit).getroot().iter("testsuite"):
        title = suite.get("name", "").partition(".")[2] + "."
        owners = [name for name in names if title.startswith(name + ".")]
        if owners:
            owner = max(owners, key=len)
            found[owner] = Counts(*map(sum, zip(found[owner], count_cases(suite))))
            continue
        for case in suite.iter("testcase"):
            if case.get("name") in names:
                alone = xml.Element("testsuite")
                alone.append(case)
                found[case.get("name")] = count_cases(alone)
    return found


def started(args, log, tests, output=None):
    """A run of meson that leaves LOG.json and LOG.junit.xml."""
    return subprocess.Popen(["meson", "test", "-C", args.build, "--no-rebuild", "--print-errorlogs",
                             "--logbase", log, "--timeout-multiplier", str(args.slower), *tests],
                            stdin=subprocess.DEVNULL, stdout=output, stderr=output)


def run_all(args, tests):
    """Runs the tests; those that do little but wait beside all others, as meson lets none run
    beside one that wants to be alone. Returns the names of the logs, and whether all went well."""
    waiting = [test["name"] for test in tests if "waiting" in test["suite"]]
    others = [test["name"] for test in tests if "waiting" not in test["suite"]]
    with tempfile.TemporaryFile() as beside:
        runs = {}
        if waiting:
            runs["waiting"] = started(args, "waiting", waiting, beside if others else None)
        if others:
            runs["testlog"] = started(args, "testlog", others)
            runs["testlog"].wait()
        well = all([run.wait() == 0 for run in runs.values()])
        beside.seek(0)
        print(beside.read().decode(errors="replace"), end="", flush=True)
    return list(runs), well


def said(entry):
    """The lines of a test's output from its first complaint on, or its last ones where it has none."""
    lines = (entry.get("stdout", "") + entry.get("stderr", "")).splitlines()
    first = next((at for at, line in enumerate(lines) if COMPLAINT.search(line)), max(len(lines) - SAID_LINES, 0))
    return "\n".join(line[:SAID_WIDTH] for line in lines[first:first + SAID_LINES])


def report(build, log):
    """Prints a line a test. Returns all that was counted, and what those that failed said."""
    logs = os.path.join(build, "meson-logs")
    tests = verdicts(os.path.join(logs, log + ".json"))
    cases = cases_by_test(os.path.join(logs, log + ".junit.xml"), tests)
    total, failures = Counts(0, 0, 0), []
    for name, entry in tests.items():
        count = cases[name]
        bad = entry["result"] in ("FAIL", "TIMEOUT", "INTERRUPT", "ERROR", "UNEXPECTEDPASS")
        if bad and count.failed == 0:
            # A test without cases stands in junit as one passed case even when it timed out.
            alone = sum(count) == 1
            count = Counts(0 if alone else count.passed, 1, count.skipped)
        if not bad and sum(count) == 0:
            skipped = entry["result"] == "SKIP"
            count = Counts(int(not skipped), 0, int(skipped))
        print(f"{name:36} {entry['result']:8} {entry['duration']:7.1f} s  "
              f"{count.passed} passed, {count.failed} failed, {count.skipped} skipped")
        total = Counts(*map(sum, zip(total, count)))
        if count.failed:
            failures.append(f"--- failed: {name}\n{said(entry)}")
    return total, failures


def main():
    args = arguments()
    tests = list(wanted_tests(args))
    if not tests:
        print("no tests" + (f" with '{args.word}' in their name or suite" if args.word else ""))
        print("0 passed, 0 failed")
        return 1 if args.word else 0
    logs, well = run_all(args, tests)
    totals, failures = zip(*(report(args.build, log) for log in logs))
    for failure in sum(failures, []):
        print(failure)
    total = Counts(*map(sum, zip(*totals)))
    line = f"{total.passed} passed, {total.failed} failed"
    print(line + (f", {total.skipped} skipped" if total.skipped else ""))
    return 1 if not well or total.failed else 0


if __name__ == "__main__":
    sys.exit(main())

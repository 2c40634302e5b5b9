"""What `./dev test` says at its end of a test that failed: a log that is cut keeps its end."""
import unittest

import run_tests


def entry(stdout, stderr=""):
    return {"stdout": stdout, "stderr": stderr}


class Said(unittest.TestCase):
    def test_begins_with_the_first_complaint(self):
        passed = "[       OK ] Room.Opens (0 ms)\n" * 500
        self.assertEqual(run_tests.said(entry(f"{passed}room_test.cc:7: Failure\nExpected: 1\n")).splitlines()[0],
                         "room_test.cc:7: Failure")
        self.assertEqual(run_tests.said(entry("1..2\nok 1 one\nnot ok 2 two\n  ---\n  why: late\n")),
                         "not ok 2 two\n  ---\n  why: late")

    def test_is_the_end_of_an_output_without_one(self):
        lines = run_tests.said(entry("".join(f"line {at}\n" for at in range(200)))).splitlines()
        self.assertEqual((lines[-1], len(lines)), ("line 199", run_tests.SAID_LINES))

    def test_is_bounded_in_length_and_in_width(self):
        said = run_tests.said(entry("not ok 1\n" + ("x" * 100_000 + "\n") * 1_000)).splitlines()
        self.assertEqual((len(said), len(said[1])), (run_tests.SAID_LINES, run_tests.SAID_WIDTH))

    def test_finds_what_a_sanitizer_said_on_the_other_stream(self):
        said = run_tests.said(entry("ok\n" * 90, "==7==ERROR: AddressSanitizer: heap-use-after-free\n    #0 Room\n"))
        self.assertTrue(said.startswith("==7==ERROR: AddressSanitizer"))

    def test_says_nothing_of_a_test_that_said_nothing(self):
        self.assertEqual(run_tests.said({}), "")


if __name__ == "__main__":
    unittest.main()

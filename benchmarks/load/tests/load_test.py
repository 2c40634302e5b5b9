#!/usr/bin/env python3
"""load_test.py LOAD FRESHET: the load generator against the real server, a second each. Says that
what was sent arrived and was counted once; figures of time are not looked at."""
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "..", "tests", "ports"))
from free_port import free_port  # noqa: E402

LOAD, FRESHET = (os.path.abspath(path) for path in sys.argv[1:3])

MANIFEST = """
[server]
listen = ["127.0.0.1:{port}"]
[limits]
messages_per_second = {messages_per_second}
[[plugin]]
use = "platform-ws"
[plugin.settings]
max_connections = {max_connections}
[[plugin]]
use = "crdt-native"
[[plugin]]
use = "store-sqlite"
[plugin.settings]
path = "freshet.db"
[[plugin]]
use = "protocol-yjs"
[plugin.settings]
retry_delay_ms = 0
[[plugin]]
use = "protocol-pluv"
[[plugin]]
use = "protocol-hocuspocus"
"""
WIRES = ("yjs", "pluv", "hocuspocus")


class Server:
    def __init__(self, messages_per_second=2000, max_connections=1000, port=None):
        self.port = port or free_port()
        self.folder = tempfile.TemporaryDirectory()
        with open(os.path.join(self.folder.name, "freshet.toml"), "w", encoding="utf-8") as out:
            out.write(MANIFEST.format(port=self.port, messages_per_second=messages_per_second,
                                      max_connections=max_connections))
        self.process = subprocess.Popen([FRESHET, "serve", "freshet.toml"], cwd=self.folder.name,
                                        stderr=subprocess.DEVNULL)

    def __enter__(self):
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return self
            time.sleep(0.02)
        raise AssertionError("the server does not listen")

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(30)
        self.folder.cleanup()


def on(wire):
    return ("--wire", wire, "--path", "/hocuspocus") if wire == "hocuspocus" else ("--wire", wire)


def load(*options, settle_s=30):
    """The exit code, the figures or None, what was said on stderr."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "report.json")
        ran = subprocess.run([LOAD, "--duration-s", "1", "--warmup-s", "0.2", "--settle-s", str(settle_s), *options,
                              "--json", path], capture_output=True, text=True, timeout=120)
        report = None
        if os.path.exists(path):
            with open(path, encoding="utf-8") as text:
                report = json.load(text)
        return ran.returncode, report, ran.stderr + ran.stdout


class Load(unittest.TestCase):
    def assert_complete(self, report, why):
        self.assertIsNotNone(report, why)
        self.assertEqual(report["faults"], {}, why)
        self.assertTrue(report["complete"], why)
        self.assertEqual(report["edits"]["sent"], report["edits"]["offered"])

    def test_every_edit_reaches_every_reader_and_its_writer_hears_that_it_is_saved(self):
        for wire in WIRES:
            with self.subTest(wire), Server() as server:
                _, report, said = load(*on(wire), "--at", f"127.0.0.1:{server.port}", "--rooms", "2",
                                       "--clients", "6", "--writers", "2", "--edits-per-second", "40",
                                       "--edit-bytes", "3", "--server-pid", str(server.process.pid))
                self.assert_complete(report, said)
                sent = report["edits"]["sent"]
                self.assertGreater(sent, 100)
                self.assertEqual(report["latency_ms"]["count"], 5 * sent)
                self.assertEqual(report["acknowledged_ms"]["count"], sent)
                self.assertGreater(report["server"]["us_per_delivery"], 0)
                self.assertGreater(report["server"]["rss_bytes"]["peak"], 1_000_000)

    def test_who_comes_goes_pauses_and_shows_himself_misses_nothing(self):
        for wire in WIRES:
            with self.subTest(wire), Server() as server:
                _, report, said = load(*on(wire), "--at", f"127.0.0.1:{server.port}",
                                       "--clients", "10", "--writers", "2", "--edits-per-second", "20",
                                       "--churn-per-second", "20", "--paused", "2", "--pause-s", "0.3",
                                       "--presence-writers", "3", "--presence-per-second", "10",
                                       "--document-bytes", "200000")
                self.assert_complete(report, said)
                self.assertGreater(report["joined_ms"]["count"], 10)
                self.assertGreater(report["messages"]["presence_per_s"], 100)
                # Whoever came or paused has the latest of each in the end.
                self.assertGreater(report["presence"]["received"], 3 * 10 * 6)
                self.assertEqual(report["presence"]["received"], report["presence"]["expected"])

    def test_presence_has_a_latency_of_its_own(self):
        for wire in WIRES:
            with self.subTest(wire), Server() as server:
                _, report, said = load(*on(wire), "--at", f"127.0.0.1:{server.port}", "--clients", "8",
                                       "--writers", "0", "--presence-writers", "8", "--presence-per-second", "20",
                                       "--server-pid", str(server.process.pid))
                self.assert_complete(report, said)
                presence = report["presence"]
                self.assertGreater(presence["offered"], 100)
                self.assertEqual(presence["sent"], presence["offered"])
                self.assertEqual(report["presence_ms"]["count"], 7 * presence["sent"])
                self.assertGreater(report["presence_ms"]["p99"], 0)
                self.assertEqual(report["generator"]["late_ms"]["count"], presence["sent"])
                self.assertGreater(report["server"]["us_per_delivery"], 0)

    def test_edits_of_those_who_never_say_who_they_are_arrive(self):
        with Server() as server:
            _, report, said = load("--at", f"127.0.0.1:{server.port}", "--clients", "4", "--writers", "2",
                                   "--edits-per-second", "20", "--awareness", "false")
            self.assert_complete(report, said)
            self.assertEqual(report["messages"]["presence_per_s"], 0)

    def test_who_is_closed_is_reported_with_its_code_and_what_it_missed(self):
        with Server(messages_per_second=5) as server:
            _, report, said = load("--at", f"127.0.0.1:{server.port}", "--clients", "3", "--writers", "1",
                                   "--edits-per-second", "500", settle_s=0.5)
            self.assertIsNotNone(report, said)
            self.assertEqual(report["closes"], {"4529": 1}, said)
            self.assertLess(report["edits"]["sent"], report["edits"]["offered"])
            self.assertIn("closed with 4529", next(iter(report["faults"])))

    def test_in_a_storm_all_come_at_once_and_get_the_document(self):
        for wire, after_s in (("yjs", "0"), ("yjs", "0.5"), ("pluv", "0"), ("hocuspocus", "0.5")):
            with self.subTest(wire, after_s=after_s), Server() as server:
                _, report, said = load(*on(wire), "--at", f"127.0.0.1:{server.port}", "--rooms", "2",
                                       "--clients", "30", "--writers", "0", "--document-bytes", "100000",
                                       "--storm", "--storm-after-s", after_s,
                                       "--server-pid", str(server.process.pid))
                self.assert_complete(report, said)
                storm = report["storm"]
                self.assertEqual((storm["clients"], storm["in"], storm["failed"]), (60, 60, 0))
                self.assertEqual(storm["joined_ms"]["count"], 60)
                self.assertAlmostEqual(storm["joined_ms"]["max"] / 1000, storm["seconds"], places=2)
                rss = report["server"]["rss_bytes"]
                self.assertGreaterEqual(rss["measured_peak"], rss["before"])
                self.assertGreater(report["server"]["cpu_s"], 0)
                self.assertFalse(report["void"], said)

    def test_who_is_refused_in_a_storm_comes_again(self):
        port = free_port()
        running = subprocess.Popen([LOAD, "--at", f"127.0.0.1:{port}", "--clients", "20", "--writers", "0",
                                    "--storm", "--json", "/dev/stdout"], stdout=subprocess.PIPE,
                                   stderr=subprocess.DEVNULL, text=True)
        time.sleep(0.3)  # nobody listens yet
        with Server(port=port):
            out, _ = running.communicate(timeout=60)
        storm = json.JSONDecoder().raw_decode(out, out.index("{"))[0]["storm"]
        self.assertEqual((storm["in"], storm["returned"]), (20, 20))
        self.assertGreaterEqual(storm["failed"], 20)
        self.assertGreater(storm["joined_ms"]["p50"], 900)

    def test_a_storm_that_does_not_end_says_who_is_not_in(self):
        with Server(max_connections=7) as server:
            _, report, said = load("--at", f"127.0.0.1:{server.port}", "--clients", "10", "--writers", "0",
                                   "--storm", "--storm-limit-s", "2.5")
            self.assertIsNotNone(report, said)
            self.assertFalse(report["complete"])
            self.assertEqual(report["storm"]["in"], 7)
            self.assertGreaterEqual(report["storm"]["failed"], 6)
            self.assertIn("503", next(iter(report["faults"])))

    def test_what_idle_connections_cost_is_told_of_each(self):
        with Server() as server:
            _, report, said = load("--at", f"127.0.0.1:{server.port}", "--clients", "300", "--writers", "0",
                                   "--awareness", "false", "--server-pid", str(server.process.pid))
            self.assert_complete(report, said)
            each = report["server"]["bytes_per_connection"]
            rss = report["server"]["rss_bytes"]
            self.assertAlmostEqual(each, (rss["after"] - rss["start"]) / 300, delta=0.01 * each)
            self.assertGreater(each, 500)

    def test_the_floor_delivers_what_a_server_would(self):
        for window_us in ("0", "20000"):
            with self.subTest(window_us):
                _, report, said = load("--wire", "floor", "--rooms", "2", "--clients", "5", "--writers", "2",
                                       "--edits-per-second", "200", "--floor-window-us", window_us)
                self.assert_complete(report, said)
                self.assertEqual(report["latency_ms"]["count"], 4 * report["edits"]["sent"])
                self.assertGreater(report["server"]["us_per_delivery"], 0)
                merges = report["messages"]["per_s"] < report["deliveries"]["per_s"] / 4
                self.assertEqual(merges, window_us != "0")

    def test_a_file_says_what_the_command_line_may(self):
        with tempfile.NamedTemporaryFile("w", suffix=".toml") as scenario:
            scenario.write('wire = "floor"\nclients = 3\nwriters = 1\nedits-per-second = 50\n')
            scenario.flush()
            _, report, said = load("--scenario", scenario.name, "--clients", "4")
            self.assert_complete(report, said)
            self.assertEqual(report["scenario"]["clients"], 4)
            self.assertEqual(report["scenario"]["writers"], 1)
            scenario.write("clinets = 3\n")
            scenario.flush()
            code, _, said = load("--scenario", scenario.name)
            self.assertEqual(code, 2)
            self.assertIn("clinets", said)

    def test_what_cannot_be_done_is_said(self):
        nobody = free_port()
        with Server() as server:
            here = f"127.0.0.1:{server.port}"
            for options, code, words in (
                    (["--at", f"127.0.0.1:{nobody}"], 1, f"nobody listens at 127.0.0.1:{nobody}"),
                    (["--at", here, "--path", "/elsewhere"], 1, 'refused with "HTTP/1.1 404 Not Found"'),
                    (["--at", here, "--server-pid", "2147483647"], 1, "there is no process 2147483647"),
                    (["--at", "192.0.2.1:80"], 2, "for servers on this machine"),
                    (["--clients", "2", "--writers", "3"], 2, "more writers than clients"),
                    (["--storm", "--churn-per-second", "2"], 2, "nobody comes or goes after a storm"),
                    (["--storm-after-s", "2"], 2, "storm"),
                    (["--rooms", "28000", "--clients", "2"], 2, "more than 28000 clients"),
                    (["--at", here, "--cpu", "1000"], 1, "no processor 1000")):
                with self.subTest(words):
                    ended, report, said = load(*options)
                    self.assertEqual(ended, code, said)
                    self.assertIn(words, said)
                    self.assertIsNone(report)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)

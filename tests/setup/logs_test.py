"""docs/logs.md, beside what a server says: the line, as text and as JSON, and who cannot write lines of his own.

Usage: logs_test.py FRESHET DOC; speaks TAP.
"""
import json
import os
import re
import sys

from world import Folder, connected, expect, free_port, manifest, run

DOC = os.path.abspath(sys.argv[2])
LINE = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d) (error  |warning|info   |debug  ) (\S+) +(.*)")


def block(language):
    with open(DOC, encoding="utf-8") as page:
        return re.search(rf"```{language}\n(.*?)```", page.read(), re.S)[1]


def visited(settings, path="/yjs/notes", more="", origin="https://evil.example"):
    """What a server with these settings says, that somebody visits who may not come in."""
    port = free_port()
    with Folder() as folder:
        folder.write("freshet.toml", manifest(listen=f"127.0.0.1:{port}", server=settings, more=more, settings="origins = [\"https://app.example.com\"]"))
        with folder.server(ready=b"serves" if more else b"no auth plugin"), connected(port) as peer:
            peer.sendall(f"GET {path} HTTP/1.1\r\nHost: here\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nOrigin: {origin}\r\n"
                         "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n".encode())
            peer.recv(65536)
        return folder.read("log").splitlines()


def a_line_is_as_the_page_shows_it():
    for line in block("text").splitlines():
        expect(LINE.fullmatch(line), f"the page has no line: {line}")
    lines = visited("")
    for line in lines:
        expect(LINE.fullmatch(line), f"no line as the page has it: {line}")
    expect(any(" warning " in line and "is refused with 4403" in line for line in lines), lines)


def as_json_it_has_the_members_that_the_page_names():
    members = list(json.loads(block("json")))
    lines = visited('log = "json"')
    for line in lines:
        expect(line.startswith("{") and list(json.loads(line)) == members, f"{members}: {line} of {lines}")


def a_level_leaves_out_what_is_below_it():
    levels = {LINE.fullmatch(line)[2].strip() for line in visited('log_level = "warn"') if LINE.fullmatch(line)}
    expect(levels == {"warning"}, levels)


def nobody_writes_a_line_of_his_own():
    auth = '[[plugin]]\nuse = "auth-jwt"\n[plugin.settings]\nsecret = "a secret of the tests, and a long one"\n'
    hostile = "/yjs/a%0A2026-11-30T12:00:00.123%2B00:00%20error%20%20%20server%20%20gone"
    lines = visited("", hostile, auth, "https://app.example.com")
    expect(all(LINE.fullmatch(line) and LINE.fullmatch(line)[2] != "error  " for line in lines), lines)
    expect(any("is sent away with" in line and "gone" in line for line in lines), lines)


run([a_line_is_as_the_page_shows_it, as_json_it_has_the_members_that_the_page_names, a_level_leaves_out_what_is_below_it,
     nobody_writes_a_line_of_his_own])

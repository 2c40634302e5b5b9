"""What the rules and the dashboard of packaging/monitoring ask for is what a server tells.

Usage: monitoring_test.py FRESHET FOLDER; speaks TAP.
"""
import glob
import json
import os
import re
import socket
import sys

from world import Folder, expect, manifest, run

FOLDER = os.path.abspath(sys.argv[2])
# Made by the first that is counted, or by Prometheus.
AT_FIRST_USE = {"freshet_sent_away_total", "up"}
OF_LANGUAGE = re.compile(r"\b(?:freshet|process)_[a-z_]+|\bup\b")


def asked():
    found = {}
    for path in glob.glob(f"{FOLDER}/*"):
        with open(path, encoding="utf-8") as text:
            text = text.read()
        exprs = ([target["expr"] for panel in json.loads(text)["panels"] for target in panel["targets"]]
                 if path.endswith(".json") else re.findall(r"expr:(.*?)\n\s+(?:for|labels):", text, re.S))
        expect(len(exprs) > 5, path)
        for expr in exprs:
            for name in OF_LANGUAGE.findall(expr):
                found.setdefault(name, os.path.basename(path))
    return found


def page():
    with Folder() as folder:
        folder.write("freshet.toml", manifest())
        with folder.server(), socket.socket(socket.AF_UNIX) as admin:
            admin.connect(folder.file("admin.sock"))
            admin.sendall(b"GET /metrics HTTP/1.1\r\nHost: admin\r\nConnection: close\r\n\r\n")
            return b"".join(iter(lambda: admin.recv(65536), b"")).decode()


def told():
    names = re.findall(r"^([a-z_]+)[ {]", page(), re.M)
    return {re.sub(r"_(bucket|sum|count)$", "", name) for name in names} | AT_FIRST_USE


def what_is_asked_is_told():
    names = told()
    for name, where in asked().items():
        expect(re.sub(r"_(bucket|sum|count)$", "", name) in names, f"{where} asks for {name}, which no server has")


def nothing_is_told_of_plugins_that_are_not_there():
    expect('plugin=""' not in page(), "a metric of a plugin without a name")


run([what_is_asked_is_told, nothing_is_told_of_plugins_that_are_not_there])

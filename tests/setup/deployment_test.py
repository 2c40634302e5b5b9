"""docs/deployment.md, done as it says, with a real nginx: a socket that nginx' group may use, TLS, tokens.

Usage: nginx_test.py FRESHET DOC; speaks TAP.
"""
import contextlib
import grp
import os
import pwd
import re
import subprocess
import sys
import time

from world import WAIT_SECONDS, Folder, expect, free_port, make_certificate, run

DOC = os.path.abspath(sys.argv[2])
NGINX = "/usr/sbin/nginx"
# Not root, nginx is who runs this test.
AS_ROOT = os.geteuid() == 0
GROUP = "www-data" if AS_ROOT else grp.getgrgid(os.getegid()).gr_name


def snippet(name):
    with open(DOC, encoding="utf-8") as text:
        found = re.search(rf"<!-- {re.escape(name)} -->\n```\w+\n(.*?)```", text.read(), re.S)
    expect(found, f"{name} is not in the page")
    return found.group(1)


def replaced(text, *pairs):
    for old, new in pairs:
        expect(old in text, f"{old} is not in the page")
        text = text.replace(old, new)
    return text


@contextlib.contextmanager
def nginx(folder, port):
    cert, key = make_certificate(folder, "one", 90)
    site = replaced(snippet("nginx"), ("listen 443 ssl", f"listen 127.0.0.1:{port} ssl"), ("collab.example.com;", "localhost;"),
                    ("/etc/letsencrypt/live/collab.example.com/fullchain.pem", cert),
                    ("/etc/letsencrypt/live/collab.example.com/privkey.pem", key),
                    ("/run/freshet/clients.sock", folder.file("clients.sock")))
    user = "user www-data;\n" if AS_ROOT else ""
    temporary = "".join(f"{kind}_temp_path {folder.file(kind)};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    folder.write("nginx.conf", f"{user}daemon off;\npid {folder.file('nginx.pid')};\nerror_log stderr;\nevents {{}}\n"
                               f"http {{\naccess_log off;\n{temporary}{site}\n}}\n")
    process = subprocess.Popen([NGINX, "-c", folder.file("nginx.conf")], stderr=subprocess.DEVNULL)
    try:
        until = time.monotonic() + WAIT_SECONDS
        while not os.path.exists(folder.file("nginx.pid")):
            expect(process.poll() is None and time.monotonic() < until, "nginx does not start")
            time.sleep(0.02)
        yield cert
    finally:
        process.terminate()
        process.wait(WAIT_SECONDS)


@contextlib.contextmanager
def deployed():
    """The folder, the port of nginx, and how to call `freshet doctor` there."""
    with Folder() as folder:
        os.chmod(folder.path, 0o755)  # as /run/freshet
        folder.write("freshet.toml", replaced(snippet("freshet.toml"), ("/run/freshet", folder.path), ("/var/lib/freshet", folder.path),
                                              ('"www-data"', f'"{GROUP}"')))
        port = free_port()
        secret = {"FRESHET_AUTH_SECRET": "a secret of the tests, and a long one"}
        with folder.server(variables=secret), nginx(folder, port) as cert:
            variables = secret | {"SSL_CERT_FILE": cert}
            yield folder, port, lambda *words: folder.freshet(*words, variables=variables)


def a_page_of_the_app_gets_through_with_its_token():
    with deployed() as (_, port, freshet):
        token = freshet("token", "--room", "hello", "--user", "me")[1].strip()
        said = freshet("doctor", "--url", f"wss://localhost:{port}/yjs/hello?token={token}", "--origin", "https://app.example.com")
        expect(said[0] == 0 and "opens from a page of https://app.example.com" in said[1], said)


def others_are_turned_away_and_told_why():
    with deployed() as (folder, port, freshet):
        url = f"wss://localhost:{port}/yjs/hello"
        said = freshet("doctor", "--url", url, "--origin", "https://app.example.com")
        expect("is closed at once: 4401" in said[1], said)
        said = freshet("doctor", "--url", url, "--origin", "https://evil.example")
        expect(said[0] == 1 and "turns pages of https://evil.example away" in said[1], said)
        # By the client's address, which nginx tells.
        expect("127.0.0.1 is sent away with 4401" in folder.read("log"), folder.read("log"))


def the_socket_is_nginx_and_nobody_elses():
    with deployed() as (folder, _, _):
        there = os.stat(folder.file("clients.sock"))
        expect(there.st_mode & 0o777 == 0o660 and grp.getgrgid(there.st_gid).gr_name == GROUP, oct(there.st_mode))
        expect(os.stat(folder.file("admin.sock")).st_mode & 0o777 == 0o600, "the admin's socket is open to others")


def main():
    if not os.path.exists(NGINX) or (AS_ROOT and "www-data" not in [one.pw_name for one in pwd.getpwall()]):
        print("1..0 # SKIP there is no nginx here")
        return
    run([a_page_of_the_app_gets_through_with_its_token, others_are_turned_away_and_told_why, the_socket_is_nginx_and_nobody_elses])


main()

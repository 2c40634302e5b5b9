"""docs/deployment.md, done as it says, with a real nginx and a real Caddy: a socket that the proxy's group may use, TLS, tokens.

Usage: deployment_test.py FRESHET DOC; speaks TAP.
"""
import contextlib
import grp
import os
import pwd
import re
import socket
import subprocess
import sys
import time

from world import WAIT_SECONDS, Folder, expect, free_port, make_certificate, run

DOC = os.path.abspath(sys.argv[2])
NGINX, CADDY = "/usr/sbin/nginx", "/usr/bin/caddy"
# Not root, the proxy is who runs this test.
AS_ROOT = os.geteuid() == 0
SECRET = {"FRESHET_AUTH_SECRET": "a secret of the tests, and a long one"}


def snippet(name):
    with open(DOC, encoding="utf-8") as text:
        found = re.search(rf"<!-- run: \S+ as {re.escape(name)} -->\n```\w+\n(.*?)```", text.read(), re.S)
    expect(found, f"{name} is not in the page")
    return found.group(1)


def replaced(text, *pairs):
    for old, new in pairs:
        expect(old in text, f"{old} is not in the page")
        text = text.replace(old, new)
    return text


def nginx(folder, port, cert, key):
    """As its master, which is root's if this test is."""
    site = replaced(snippet("nginx"), ("listen 443 ssl", f"listen 127.0.0.1:{port} ssl"), ("collab.example.com;", "localhost;"),
                    ("/etc/letsencrypt/live/collab.example.com/fullchain.pem", cert),
                    ("/etc/letsencrypt/live/collab.example.com/privkey.pem", key),
                    ("/run/freshet/clients.sock", folder.file("clients.sock")))
    user = "user www-data;\n" if AS_ROOT else ""
    temporary = "".join(f"{kind}_temp_path {folder.file(kind)};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    folder.write("nginx.conf", f"{user}daemon off;\npid {folder.file('nginx.pid')};\nerror_log stderr;\nevents {{}}\n"
                               f"http {{\naccess_log off;\n{temporary}{site}\n}}\n")
    return subprocess.Popen([NGINX, "-c", folder.file("nginx.conf")], stderr=subprocess.DEVNULL)


def caddy(folder, port, cert, key):
    """As its user, who is not root; with a certificate of the test's in the place of one that is asked for."""
    site = replaced(snippet("caddy"), ("collab.example.com {", f"https://localhost:{port} {{\n\tbind 127.0.0.1\n\ttls {cert} {key}"),
                    ("/run/freshet/clients.sock", folder.file("clients.sock")))
    folder.write("Caddyfile", f"{{\n\tadmin off\n\tauto_https disable_redirects\n\tstorage file_system {folder.file('caddy')}\n}}\n{site}")
    os.mkdir(folder.file("caddy"))
    words = []
    if AS_ROOT:
        who = pwd.getpwnam("caddy")
        for path in (key, folder.file("caddy")):
            os.chown(path, who.pw_uid, who.pw_gid)
        words = ["setpriv", "--reuid", "caddy", "--regid", "caddy", "--clear-groups"]
    return subprocess.Popen([*words, CADDY, "run", "--config", folder.file("Caddyfile"), "--adapter", "caddyfile"],
                            stderr=subprocess.DEVNULL, cwd=folder.path, env=dict(os.environ) | {"HOME": folder.file("caddy")})


# How it is started, and the user whose group its workers have.
PROXIES = {"nginx": (NGINX, nginx, "www-data"), "Caddy": (CADDY, caddy, "caddy")}


def group_of(user):
    return user if AS_ROOT else grp.getgrgid(os.getegid()).gr_name


def answers(port):
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


@contextlib.contextmanager
def started(start, folder, port):
    cert, key = make_certificate(folder, "one", 90)
    process = start(folder, port, cert, key)
    try:
        until = time.monotonic() + WAIT_SECONDS
        while not answers(port):
            expect(process.poll() is None and time.monotonic() < until, "the proxy does not start")
            time.sleep(0.02)
        yield cert
    finally:
        process.terminate()
        process.wait(WAIT_SECONDS)


@contextlib.contextmanager
def deployed(proxy):
    """The folder, the port of the proxy, and how to call `freshet doctor` there."""
    _, start, user = PROXIES[proxy]
    with Folder() as folder:
        os.chmod(folder.path, 0o755)  # as /run/freshet
        folder.write("freshet.toml", replaced(snippet("freshet.toml"), ("/run/freshet", folder.path), ("/var/lib/freshet", folder.path),
                                              ('"www-data"', f'"{group_of(user)}"')))
        port = free_port()
        with folder.server(variables=SECRET), started(start, folder, port) as cert:
            variables = SECRET | {"SSL_CERT_FILE": cert}
            yield folder, port, lambda *words: folder.freshet(*words, variables=variables)


def a_page_of_the_app_gets_through_with_its_token(proxy):
    with deployed(proxy) as (_, port, freshet):
        token = freshet("token", "--room", "hello", "--user", "me")[1].strip()
        said = freshet("doctor", "--url", f"wss://localhost:{port}/yjs/hello?token={token}", "--origin", "https://app.example.com")
        expect(said[0] == 0 and "opens from a page of https://app.example.com" in said[1], said)


def others_are_turned_away_and_told_why(proxy):
    with deployed(proxy) as (folder, port, freshet):
        url = f"wss://localhost:{port}/yjs/hello"
        said = freshet("doctor", "--url", url, "--origin", "https://app.example.com")
        expect("is closed at once: 4401" in said[1], said)
        said = freshet("doctor", "--url", url, "--origin", "https://evil.example")
        expect(said[0] == 1 and "turns pages of https://evil.example away" in said[1], said)
        # By the client's address, which the proxy tells.
        expect("127.0.0.1 is sent away with 4401" in folder.read("log"), folder.read("log"))


def the_socket_is_the_proxys_and_nobody_elses(proxy):
    with deployed(proxy) as (folder, _, _):
        there = os.stat(folder.file("clients.sock"))
        group = group_of(PROXIES[proxy][2])
        expect(there.st_mode & 0o777 == 0o660 and grp.getgrgid(there.st_gid).gr_name == group, oct(there.st_mode))
        expect(os.stat(folder.file("admin.sock")).st_mode & 0o777 == 0o600, "the admin's socket is open to others")


def with_proxy(test, proxy):
    def named():
        test(proxy)
    named.__name__ = f"behind {proxy} {test.__name__}"
    return named


def main():
    users = {one.pw_name for one in pwd.getpwall()}
    there = [name for name, (program, _, user) in PROXIES.items() if os.path.exists(program) and (not AS_ROOT or user in users)]
    if not there:
        print("1..0 # SKIP there is no nginx here, and no Caddy")
        return
    run([with_proxy(test, proxy) for proxy in there for test in
         (a_page_of_the_app_gets_through_with_its_token, others_are_turned_away_and_told_why, the_socket_is_the_proxys_and_nobody_elses)])


main()

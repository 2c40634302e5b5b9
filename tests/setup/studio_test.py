"""`freshet studio`: the page for a browser of this machine, and for nobody else.

Usage: studio_test.py FRESHET; speaks TAP.
"""
import contextlib
import subprocess
import urllib.error
import urllib.request

from world import FRESHET, Folder, expect, manifest, run

STUDIO = '[[plugin]]\nuse = "studio"\n'


@contextlib.contextmanager
def opened(folder):
    """The address that it prints."""
    process = subprocess.Popen([FRESHET, "studio"], cwd=folder.path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        yield process.stdout.readline().strip()
    finally:
        process.kill()
        process.communicate()


def get(url):
    """Status, headers and body."""
    try:
        with urllib.request.urlopen(url, timeout=20) as answer:
            return answer.status, answer.headers, answer.read().decode()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.headers, refused.read().decode()


def who_has_the_address_is_let_in_by_the_socket():
    with Folder() as folder:
        folder.write("freshet.toml", manifest(more=STUDIO))
        with folder.server(), opened(folder) as address:
            status, headers, body = get(address)
            expect(status == 200 and "<title>Freshet" in body, (address, status, body))
            expect("frame-ancestors 'none'" in headers["Content-Security-Policy"], str(headers))
            status, _, body = get(address.replace("/studio/", "/rooms"))
            expect(status == 200 and '"rooms"' in body, (status, body))


def nobody_else_is():
    with Folder() as folder:
        folder.write("freshet.toml", manifest(more=STUDIO))
        with folder.server(), opened(folder) as address:
            origin = address[:address.index("/", len("http://"))]
            for path in ("/", "/studio/", "/rooms", "/" + "0" * 32 + "/rooms"):
                status, _, body = get(origin + path)
                expect(status == 403 and "is not the address" in body, (path, status, body))


def it_says_what_is_missing():
    with Folder() as folder:
        folder.write("freshet.toml", manifest(more=STUDIO))
        code, out, err = folder.freshet("studio")
        expect(code == 1 and out == "" and "no server is reached at unix:admin.sock" in err, (code, out, err))
        folder.write("freshet.toml", manifest())
        code, out, err = folder.freshet("studio")
        expect(code == 3 and 'has no plugin "studio"' in err, (code, out, err))
        folder.write("freshet.toml", manifest(more=STUDIO).replace('admin = "unix:admin.sock"', ""))
        code, out, err = folder.freshet("studio")
        expect(code == 3 and "has no admin address" in err, (code, out, err))


def a_server_that_has_gone_is_said():
    with Folder() as folder:
        folder.write("freshet.toml", manifest(more=STUDIO))
        with contextlib.ExitStack() as stack:
            with folder.server():
                address = stack.enter_context(opened(folder))
                expect(get(address)[0] == 200, address)
            status, _, body = get(address)
            expect(status == 502 and "does not answer" in body, (status, body))


run([who_has_the_address_is_let_in_by_the_socket, nobody_else_is, it_says_what_is_missing, a_server_that_has_gone_is_said])

"""`freshet init` and `freshet serve` without a manifest, as somebody has them who begins.

Usage: init_test.py FRESHET; speaks TAP.
"""
import itertools
import os
import pty
import re
import select
import stat
import subprocess
import time
import urllib.error
import urllib.request

from world import FRESHET, WAIT_SECONDS, Folder, expect, free_port, run


def secrets(folder, name="freshet.env"):
    lines = folder.read(name).splitlines()
    return dict(line.split("=", 1) for line in lines if not line.startswith("#"))


def what_it_writes_is_good_and_serves():
    with Folder() as folder:
        port = free_port()
        code, out, err = folder.freshet("init", "--auth", "jwt", "--listen", f"127.0.0.1:{port}", "--origin",
                                        "https://app.example.com")
        expect(code == 0 and "freshet.toml: good: " in out and "freshet token --room my-room" in out, (out, err))
        variables = secrets(folder)
        expect(len(variables["FRESHET_AUTH_SECRET"]) == 64, variables)
        expect(stat.S_IMODE(os.stat(folder.file("freshet.env")).st_mode) == 0o600, "others can read the secret")
        token = folder.freshet("token", "--room", "my-room", "--user", "me", variables=variables)
        expect(token[0] == 0 and token[1].count(".") == 2, token)
        with folder.server(variables=variables):
            page = urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=WAIT_SECONDS)
            expect(page.status == 200, page)


def a_token_is_explained():
    with Folder() as folder:
        folder.freshet("init", "--auth", "jwt")
        variables = secrets(folder)

        def token(*words):
            return folder.freshet("token", "--room", "notes", "--user", '{"id":"me"}', *words, variables=variables)[1].strip()

        def explained(*words):
            return folder.freshet("token", "explain", *words, variables=variables)

        code, out, err = explained(token("--expires", "1h"))
        for words in ('signed with "HS256"', 'room        "notes"', 'takes it for room "notes", to edit, from {"id":"me"}'):
            expect(code == 0 and words in out, (words, out, err))
        expect(re.search(r"exp .* in (59|60) minutes", out), out)
        expect("to look only" in explained(token("--read-only"))[1], "permission")
        code, out, err = explained(token(), "--room", "other")
        expect(code == 1 and 'refuses it for room "other": denied' in out, (out, err))
        code, out, err = explained(token("--claims", '{"exp":1700000000}'))
        expect(code == 1 and " days ago" in out, (out, err))
        code, out, err = explained(token("--claims", '{"exp":1700000000,"iat":1600000000}'))
        expect(code == 1 and 'refuses it for room "notes": it has expired: 2023-' in out, (out, err))
        expect('taken to edit, from {"id":"me"}' in out and err == "", (out, err))
        code, out, err = explained(token("--claims", '{"exp":1700000000,"iat":1600000000}'), "--room", "other")
        expect(code == 1 and 'refuses it for room "other": denied' in out and '""' not in err, (out, err))
        code, out, err = explained(token()[:-4] + "AAAA")
        expect(code == 1 and "refuses it" in out and "signature" in err, (out, err))
        code, out, err = explained("nonsense", "--room", "notes")
        expect(code == 1 and out.startswith("not a JSON Web Token"), (out, err))
        expect(explained("nonsense")[0] == 2 and folder.freshet("token", "--room", "notes")[0] == 2, "usage")


def an_encrypted_token_that_has_expired_is_explained_too():
    with Folder() as folder:
        folder.write("freshet.toml", '[server]\nlisten = ["127.0.0.1:0"]\n[[plugin]]\nuse = "auth-jwt"\n[plugin.settings]\n'
                                     'pluv_secret = "a secret of pluv, and a long one"\nleeway_ms = 0\n')
        token = folder.freshet("token", "--pluv", "--room", "notes", "--user", '{"id":"me"}', "--expires", "1s")[1].strip()
        expect(token.count(".") == 4, token)
        deadline = time.monotonic() + WAIT_SECONDS
        while True:
            code, out, err = folder.freshet("token", "explain", token, "--room", "notes")
            expect(out.startswith("not a JSON Web Token, or an encrypted one"), (out, err))
            if code == 1 or time.monotonic() > deadline:
                break
            expect('takes it for room "notes", to edit, from {"id":"me"}' in out, out)
            time.sleep(0.2)
        expect(code == 1 and 'refuses it for room "notes": it has expired: ' in out, out)
        expect('; before, it was taken to edit, from {"id":"me"}' in out, out)


def an_admin_on_tcp_gets_a_key_that_its_commands_bring():
    with Folder() as folder:
        admin = f"127.0.0.1:{free_port()}"
        code, out, err = folder.freshet("init", "--listen", f"127.0.0.1:{free_port()}", "--admin", admin)
        expect(code == 0, (out, err))
        variables = secrets(folder)
        expect(len(variables["FRESHET_ADMIN_KEY"]) == 64, variables)
        with folder.server(variables=variables):
            try:
                urllib.request.urlopen(f"http://{admin}/rooms", timeout=WAIT_SECONDS)
                expect(False, "it asked for no key")
            except urllib.error.HTTPError as refused:
                expect(refused.code == 401, refused)
            listed = folder.freshet("rooms", "list", variables=variables)
            expect(listed == (0, "", ""), listed)


def every_choice_is_a_manifest_that_is_judged_good():
    for auth, store, webhook in itertools.product(("none", "jwt", "webhook"), ("sqlite", "postgres"), ("", "https://b.example/h")):
        with Folder() as folder:
            code, out, err = folder.freshet("init", "--auth", auth, "--auth-url", "https://b.example/a", "--store", store,
                                            "--webhook", webhook, "--proxy", "127.0.0.1", "--protocols", "yjs,pluv")
            expect(code == 0, (auth, store, webhook, out, err))
            expect("protocol-hocuspocus" not in out and "protocol-pluv" in out, out)


def what_is_there_stays_as_it_is():
    with Folder() as folder:
        folder.write("freshet.toml", "mine")
        code, _, err = folder.freshet("init", "--auth", "jwt")
        expect(code == 1 and err == "freshet.toml: is there already; --force replaces it\n", err)
        expect(folder.read("freshet.toml") == "mine", "it was touched")


def secrets_stay_when_the_manifest_is_replaced():
    with Folder() as folder:
        folder.freshet("init", "--auth", "jwt")
        before = secrets(folder)
        code, _, err = folder.freshet("init", "--auth", "jwt", "--force")
        expect(code == 0 and "freshet.env: is there already, and stays as it is" in err, err)
        expect(secrets(folder) == before, "clients' tokens are worth nothing any more")


def what_cannot_work_is_said():
    for words, said in ((("--auth", "webhook"), "--auth-url https://"), (("--protocols", "yjs,smtp"), '"smtp" is none of yjs'),
                        (("--webhook", "b.example"), "is no URL like https://"), (("--auth", "ldap"), "ldap")):
        with Folder() as folder:
            code, _, err = folder.freshet("init", *words)
            expect(code == 2 and said in err, (words, err))
            expect(os.listdir(folder.path) == [], "it wrote something")
    with Folder() as folder:
        # Everybody, and nobody asked: refused as `serve` would refuse it.
        code, _, err = folder.freshet("init", "--listen", "0.0.0.0:4747")
        expect(code == 3 and "is open to other machines" in err, err)


def at_a_terminal(folder, *typed):
    """What is said at a terminal, where these lines are typed, each when something is asked."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen([FRESHET, "init"], cwd=folder.path, stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    said, lines = b"", list(typed)
    while select.select([ours], [], [], WAIT_SECONDS)[0]:
        try:
            said += os.read(ours, 4096)
        except OSError:
            break
        if said.rstrip(b" ").endswith(b"]") and lines:
            os.write(ours, lines.pop(0).encode() + b"\n")
    os.close(ours)
    return process.wait(WAIT_SECONDS), said.decode()


def a_person_at_a_terminal_is_asked():
    with Folder() as folder:
        code, said = at_a_terminal(folder, "yjs hocuspocus", "tokens", "jwt", "", "https://app.example.com", "", "")
        expect(code == 0 and "one of none, jwt, webhook, please" in said, said)
        written = folder.read("freshet.toml")
        expect("protocol-pluv" not in written and "auth-jwt" in written, written)
        expect('origins = ["https://app.example.com"]' in written and "store-sqlite" in written, written)


def enter_takes_what_is_usual():
    with Folder() as folder:
        code, said = at_a_terminal(folder, "", "", "", "")
        expect(code == 0, said)
        expect("Nobody is asked who they are" in folder.read("freshet.toml"), folder.read("freshet.toml"))


def without_a_manifest_the_built_in_one_serves():
    with Folder() as folder:
        # Its port may be taken by a server of this machine; then it says so, and does not go elsewhere.
        code, out, _ = folder.freshet("check")
        expect(code == 0 and out.startswith("the built-in manifest: good: "), out)
        said = folder.freshet("serve", "nowhere.toml")
        expect(said[0] == 3 and "nowhere.toml:1: cannot be read" in said[2], said)


def what_serves_without_a_manifest_is_had_without_one():
    with Folder() as folder:
        # The wrong folder, in which a copy of nothing is no good.
        for words in (["rooms", "list"], ["rooms", "backup", "copy.db"], ["outbox", "topics"]):
            code, out, err = folder.freshet(*words)
            expect(code == 3 and out == "" and "name its manifest with -m" in err, (words, code, out, err))
        expect(os.listdir(folder.path) == [], os.listdir(folder.path))
        for words in (["token", "--room", "a", "--user", "me"], ["token", "explain", "x", "--room", "a"]):
            code, out, err = folder.freshet(*words)
            expect(code == 3 and "freshet init --auth jwt" in err, (words, code, out, err))
        expect(folder.freshet("schema")[0] == 0, folder.freshet("schema"))
        folder.write("a.update", "\0\0")
        expect(folder.freshet("rooms", "import", "a", "a.update", "--yes")[0] == 0, "import")
        code, out, err = folder.freshet("rooms", "list")
        expect(code == 0 and out.endswith("\ta\n") and err == "", (code, out, err))
        expect(folder.freshet("rooms", "backup", "copy.db")[0] == 0 and os.path.getsize(folder.file("copy.db")) > 0, "backup")
        expect(folder.freshet("outbox", "topics")[0] == 0, "outbox")
        expect(folder.freshet("rooms", "delete", "a", "--yes")[0] == 0, "delete")
        expect(folder.freshet("rooms", "restore", "copy.db")[0] == 0, "restore")
        expect(folder.freshet("rooms", "list")[1].endswith("\ta\n"), "restored")
        for words in (["rooms", "list", "-m", "freshet.toml"], ["token", "--room", "a", "--user", "me", "-m", "nowhere.toml"]):
            expect("toml:1: cannot be read" in folder.freshet(*words)[2], words)


run([what_it_writes_is_good_and_serves, a_token_is_explained, an_encrypted_token_that_has_expired_is_explained_too,
     an_admin_on_tcp_gets_a_key_that_its_commands_bring, every_choice_is_a_manifest_that_is_judged_good, what_is_there_stays_as_it_is,
     secrets_stay_when_the_manifest_is_replaced, what_cannot_work_is_said, a_person_at_a_terminal_is_asked,
     enter_takes_what_is_usual, without_a_manifest_the_built_in_one_serves,
     what_serves_without_a_manifest_is_had_without_one])

"""`freshet doctor` on setups that are broken, each in one way: it names what is wrong, and the fix.

Usage: doctor_test.py FRESHET; speaks TAP.
"""
import json
import os
import socket
import struct

from world import (UNPRIVILEGED, Folder, answering, expect, foreign_group, free_port, make_certificate, manifest,
                   run)


def doctor(folder, *words, **how):
    return folder.freshet("doctor", *words, **how)


def expect_finding(said, grade, words, fix):
    """A line of that grade with these words, and below it the fix."""
    lines = said[1].splitlines()
    for line, below in zip(lines, lines[1:] + [""]):
        if line.startswith(grade) and words in line:
            expect("-> " in below and fix in below, said)
            expect(said[0] == (1 if grade == "WRONG" else said[0]), said)
            return
    expect(False, f"no {grade} line with {words!r}: {said}")


def tried(words, fix, *arguments, grade="WRONG", prefix=(), variables=None, **of_manifest):
    with Folder() as folder:
        folder.write("freshet.toml", manifest(**of_manifest))
        expect_finding(doctor(folder, *arguments, prefix=prefix, variables=variables), grade, words, fix)


AUTH = '[[plugin]]\nuse = "auth-jwt"\n[plugin.settings]\nsecret = "a secret of the tests, and a long one"\n'


def nothing_is_wrong_with_a_good_setup():
    with Folder() as folder:
        folder.write("freshet.toml", manifest(more=AUTH))
        code, out, err = doctor(folder)
        expect(code == 0 and "0 wrong" in out and err == "", (out, err))
        expect("6 are created as `freshet serve` would" in out.replace("5 are", "6 are"), out)


def a_port_that_is_in_use():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        tried(f"127.0.0.1:{port} is in use by another process", f"sport = :{port}", listen=f"127.0.0.1:{port}")


def an_address_of_another_machine():
    tried("192.0.2.1:4747 is no address of this machine", "ip -brief address", listen="192.0.2.1:4747", more=AUTH)


def a_file_where_a_socket_should_be():
    with Folder() as folder:
        folder.write("admin.sock", "not a socket")
        folder.write("freshet.toml", manifest())
        expect_finding(doctor(folder), "WRONG", "unix:admin.sock is there, and is no socket", "another path")


def somebody_else_at_the_admin_socket():
    with Folder() as folder, socket.socket(socket.AF_UNIX) as other:
        other.bind(folder.file("clients.sock"))
        other.listen()
        folder.write("freshet.toml", manifest(listen="unix:clients.sock"))
        expect_finding(doctor(folder), "WRONG", "unix:clients.sock: somebody answers there", "another path")


def a_group_that_the_user_may_not_give():
    group = foreign_group()
    with Folder() as folder:
        folder.hand_over()
        for settings in (f'socket_group = "{group}"\nsocket_mode = "0660"', 'socket_mode = "0660"'):
            folder.write("freshet.toml", manifest(listen="unix:clients.sock", settings=settings))
            code, out, err = doctor(folder, prefix=UNPRIVILEGED)
            if "socket_group" in settings:
                expect_finding((code, out, err), "WRONG", f'may not give it socket_group "{group}"', f"usermod -a -G {group} ")
                expect(sorted(os.listdir(folder.path)) == ["freshet.toml"], os.listdir(folder.path))
                # What doctor calls wrong, `serve` refuses, with the same fix.
                code, out, err = folder.freshet("serve", prefix=UNPRIVILEGED)
                expect(code != 0 and f"usermod -a -G {group} " in err, (code, err))
            else:
                expect(code == 0 and "unix:clients.sock can be made" in out, (out, err))


def a_server_at_a_port_that_is_taken_says_who_has_it():
    with Folder() as folder, socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        folder.write("freshet.toml", manifest(listen=f"127.0.0.1:{port}"))
        code, _, err = folder.freshet("serve")
        expect(code == 1 and f"ss -ltnp 'sport = :{port}'" in err, (code, err))


def what_was_tried_is_not_left_behind():
    with Folder() as folder:
        code, out, err = doctor(folder)
        expect("plugins" in out and os.listdir(folder.path) == [], (code, out, err, os.listdir(folder.path)))
        os.mkdir(folder.file("data"))
        folder.write("freshet.toml", manifest())
        code, out, err = doctor(folder)
        expect(code == 0 and os.listdir(folder.file("data")) == [], (out, err, os.listdir(folder.file("data"))))
        expect("are created as `freshet serve` would" in out, out)
        with folder.server():
            pass
        code, out, err = doctor(folder)
        expect(code == 0 and "freshet.db" in os.listdir(folder.file("data")), (out, err))


def a_variable_that_is_not_set():
    with Folder() as folder:
        folder.freshet("init", "--auth", "jwt")
        for command in ("doctor", "check", "serve"):
            code, out, err = folder.freshet(command)
            expect(code == 3 and out == "" and len(err.splitlines()) == 1, (code, out, err))
            expect("FRESHET_AUTH_SECRET" in err and "set -a; . ./freshet.env; set +a" in err and "EnvironmentFile=" in err, err)
        folder.write("freshet.env", "OTHER=1\n")
        expect("freshet.env" not in doctor(folder)[2], "it does not have it")


def a_store_that_another_process_has():
    with Folder() as folder:
        folder.write("freshet.toml", manifest())
        folder.write("other.toml", manifest(admin="unix:other.sock"))
        with folder.server("other.toml"):
            code, out, err = doctor(folder)
            expect(code == 1 and "WRONG     plugins" in out, (out, err))


def a_server_that_runs_is_left_in_peace():
    with Folder() as folder:
        folder.write("freshet.toml", manifest(more=AUTH))
        with folder.server():
            code, out, _ = doctor(folder)
            expect(code == 0 and "is this server's, which runs" in out and "not created once more" in out, out)


def a_store_in_memory():
    tried("/dev/shm is in memory", "a folder on a disk", grade="doubtful", store="/dev/shm/freshet-doctor-test.db")
    for left in ("", "-wal", "-shm"):
        if os.path.exists("/dev/shm/freshet-doctor-test.db" + left):
            os.unlink("/dev/shm/freshet-doctor-test.db" + left)


def a_folder_that_cannot_be_written():
    tried("/proc", "a folder that the server's user may write in", store="/proc/freshet/freshet.db")


def too_few_descriptors():
    tried("a process may have 300", "LimitNOFILE=100064", grade="doubtful", prefix=("prlimit", "--nofile=300:300"))


def more_documents_than_memory():
    tried("documents may take", "documents_bytes", grade="doubtful", limits='documents_bytes = "512 GiB"')


def nobody_is_asked_who_they_are():
    tried("it is reached from this machine only", "freshet init --auth jwt", grade="doubtful")
    tried("from anywhere, may edit any room", "freshet init --auth jwt", grade="doubtful", server="open = true")


def a_key_that_is_missing():
    more = '[[plugin]]\nuse = "auth-jwt"\n[plugin.settings]\npublic_key_path = "nowhere.pem"\n'
    with Folder() as folder:
        folder.write("freshet.toml", manifest(more=more))
        code, out, err = doctor(folder)
        # What `serve` refuses, no doctor calls good.
        expect(folder.freshet("serve")[0] == code or code == 1, (out, err))
        expect(code != 0 and "nowhere.pem" in out + err, (out, err))


def with_certificate(words, fix, days, grade="WRONG", spoil=None, made_days_ago=0):
    with Folder() as folder:
        cert, key = make_certificate(folder, "one", days, made_days_ago)
        if spoil:
            cert, key = spoil(folder, cert, key)
        folder.write("freshet.toml", manifest(settings=f'cert = "{cert}"\nkey = "{key}"'))
        expect_finding(doctor(folder), grade, words, fix)


def a_certificate_that_has_expired():
    with_certificate("one.pem for localhost has expired", "a new one, and SIGHUP", 1, made_days_ago=3)


def a_certificate_that_expires_soon():
    with_certificate("is good for", "a new one, and SIGHUP", 9, grade="doubtful")


def a_certificate_that_is_missing():
    with_certificate("nowhere.pem cannot be read", "readable for the server's user", 90,
                     spoil=lambda folder, cert, key: (folder.file("nowhere.pem"), key))


def a_key_of_another_certificate():
    with_certificate("other.key is not the key of", "the two that were made together", 90,
                     spoil=lambda folder, cert, key: (cert, make_certificate(folder, "other", 90)[1]))


def webhook(url):
    return f'[[plugin]]\nuse = "app-webhook"\n[plugin.settings]\nurl = "{url}"\nallow_http = true\nsecret = "s"\n'


def a_backend_that_is_not_there():
    port = free_port()
    tried(f"nobody listens at 127.0.0.1 port {port}", "start what should be there", more=webhook(f"http://127.0.0.1:{port}/hooks"))


def a_backend_whose_name_is_wrong():
    tried("the name no-such-host.invalid has no address here", "DNS", more=webhook("https://no-such-host.invalid/hooks"))


def a_backend_whose_certificate_nobody_trusts():
    with Folder() as folder:
        with answering(b"", make_certificate(folder, "one", 90)) as port:
            tried("its certificate is not trusted here", "fullchain.pem", more=webhook(f"https://localhost:{port}/hooks"))


def reached(answer, words, fix, grade="WRONG", origin="https://app.example.com"):
    with answering(answer) as port:
        tried(words, fix, "--url", f"ws://127.0.0.1:{port}/yjs/room", "--origin", origin, grade=grade)


def a_proxy_that_passes_no_upgrades():
    reached(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "answered 200, and not 101", "proxy_set_header Upgrade")


def a_proxy_that_does_not_reach_the_server():
    reached(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n", "answered 502", "the address of the server in the proxy's")


def a_proxy_that_sends_elsewhere():
    reached(b"HTTP/1.1 301 Moved\r\nLocation: https://app\r\nContent-Length: 0\r\n\r\n", "answered 301", "wss://")


def a_proxy_that_lets_nobody_through():
    for status in (b"401 Unauthorized", b"403 Forbidden"):
        reached(b"HTTP/1.1 " + status + b"\r\nContent-Length: 0\r\n\r\n", "lets nobody through", "its rules for this path")


def a_server_that_is_full_or_restarts():
    reached(b"HTTP/1.1 503 Busy\r\nContent-Length: 21\r\n\r\ntoo many connections\n", '503 ("too many connections")',
            "max_connections")
    reached(b"HTTP/1.1 503 Busy\r\nContent-Length: 20\r\n\r\nthe server restarts\n", '503 ("the server restarts")',
            "once the server has started anew")


def closed(code, reason, fix, grade="WRONG", before=b""):
    """A server that closes at once, whoever comes."""
    body = struct.pack(">H", code) + reason.encode()
    reached(b"HTTP/1.1 101 Switching Protocols\r\n\r\n" + before + bytes([0x88, len(body)]) + body,
            f"is closed at once: {code} {reason}", fix, grade)


def each_close_has_the_fix_of_its_cause():
    closed(4403, "not allowed in this room", "a token for this room")
    closed(4403, "this board is locked", "an app of the manifest refuses")
    closed(4419, "the token has expired", "a new token")
    closed(4401, "the token has expired", "a new token")
    closed(4401, "not authenticated", "?token=", grade="doubtful")
    closed(4404, "not a room's name", "/yjs/my-room")
    closed(4503, "the room is full", "again in a moment")
    closed(1013, "try again later", "again in a moment")
    closed(4529, "too many joins", "again in a moment")
    closed(4508, "the room cannot be loaded now", "the store")
    closed(1012, "the server stops", "once the server has started anew")
    closed(4500, "internal error", "the server's log")
    text = b'{"type":"$error","data":{"message":"Not authorized"}}'
    closed(3000, "not authenticated", "?token=", grade="doubtful", before=bytes([0x81, len(text)]) + text)


def a_port_where_no_http_is_spoken():
    reached(b"SSH-2.0-OpenSSH_9.2\r\n\r\n", "nothing answers a WebSocket there", "is it HTTP")


def opened(words, fix, target, *more, grade="WRONG", origin=None, settings=""):
    """At a real server."""
    with Folder() as folder:
        port = free_port()
        folder.write("freshet.toml", manifest(listen=f"127.0.0.1:{port}", more="".join(more), settings=settings))
        with folder.server():
            arguments = ("--url", f"ws://127.0.0.1:{port}{target}") + (("--origin", origin) if origin else ())
            said = doctor(folder, *arguments)
            if fix is None:
                expect(said[0] == 0 and words in said[1], said)
            else:
                expect_finding(said, grade, words, fix)


def an_origin_that_is_not_listed():
    opened("turns pages of https://evil.example away", 'origins = ["https://evil.example"]', "/yjs/room", AUTH,
           origin="https://evil.example", settings='origins = ["https://app.example.com"]')


def a_path_without_a_protocol():
    opened("no protocol is at /nothing/room", "/yjs/<room>", "/nothing/room")


def a_client_without_a_token():
    opened("is closed at once: 4401", "?token=", "/yjs/room", AUTH, grade="doubtful")


def token_of(folder, *words):
    return folder.freshet("token", "--user", "me", *words)[1].strip()


def a_token_that_does_not_do_is_told_and_not_shown():
    with Folder() as folder:
        port = free_port()
        folder.write("freshet.toml", manifest(listen=f"127.0.0.1:{port}", settings='origins = ["https://app.example.com"]',
                                              more=AUTH + '[[plugin]]\nuse = "protocol-pluv"\n'))
        right, other = token_of(folder, "--room", "room"), token_of(folder, "--room", "other")
        old = token_of(folder, "--room", "room", "--claims", '{"exp":1700000000,"iat":1600000000}')
        with folder.server():
            for wire, token, fix in (("yjs", other, "a token for this room"), ("yjs", old, "a new token"),
                                     ("yjs", right[:-6] + "AAAAAA", "`freshet token explain` says what is wrong"),
                                     ("pluv", other, "a token for this room"), ("pluv", old, "a new token")):
                said = doctor(folder, "--url", f"ws://127.0.0.1:{port}/{wire}/room?token={token}", "--origin", "https://app.example.com")
                expect_finding(said, "WRONG", "is closed at once", fix)
                expect(token not in said[1] + said[2] and token.split(".")[1] not in said[1] + said[2], said)
                expect("origins = " not in said[1], said)
            said = doctor(folder, "--url", f"ws://127.0.0.1:{port}/yjs/room?token={right}", "--origin", "https://app.example.com")
            expect(said[0] == 0 and "opens from a page" in said[1] and right not in said[1], said)
        for url in (f"ftp://user:{right}@host/?token={right}", f"ws://{right}@127.0.0.1:{port}/yjs/room?token={right}"):
            said = doctor(folder, "--url", url)
            expect(said[0] == 1 and right not in said[1] + said[2], said)


def a_url_that_works():
    opened("opens from a page of https://app.example.com", None, "/yjs/room", origin="https://app.example.com",
           settings='origins = ["https://app.example.com"]')


def a_manifest_that_cannot_be_read_is_told_as_check_tells_it():
    with Folder() as folder:
        folder.write("freshet.toml", '[server]\nlisten = ["127.0.0.1:0"]\nopne = true\n')
        code, _, err = doctor(folder)
        expect(code == 3 and err == folder.freshet("check")[2] and "opne" in err, err)


def programs_read_json():
    with Folder() as folder:
        folder.write("freshet.toml", manifest())
        code, out, _ = doctor(folder, "--json")
        findings = [json.loads(line) for line in out.splitlines()]
        expect(code == 0 and {"grade", "about", "what", "fix"} == findings[0].keys(), out)
        expect({"manifest", "plugins", "auth", "listen", "disk"} <= {each["about"] for each in findings}, out)


run([nothing_is_wrong_with_a_good_setup, a_port_that_is_in_use, an_address_of_another_machine,
     a_file_where_a_socket_should_be, somebody_else_at_the_admin_socket, a_store_that_another_process_has,
     a_server_that_runs_is_left_in_peace, a_store_in_memory, a_folder_that_cannot_be_written, too_few_descriptors,
     more_documents_than_memory, nobody_is_asked_who_they_are, a_key_that_is_missing, a_certificate_that_has_expired,
     a_certificate_that_expires_soon, a_certificate_that_is_missing, a_key_of_another_certificate,
     a_backend_that_is_not_there, a_backend_whose_name_is_wrong, a_backend_whose_certificate_nobody_trusts,
     a_proxy_that_passes_no_upgrades, a_proxy_that_does_not_reach_the_server, a_port_where_no_http_is_spoken,
     a_group_that_the_user_may_not_give, a_server_at_a_port_that_is_taken_says_who_has_it,
     what_was_tried_is_not_left_behind, a_variable_that_is_not_set, a_proxy_that_sends_elsewhere,
     a_proxy_that_lets_nobody_through, a_server_that_is_full_or_restarts, each_close_has_the_fix_of_its_cause,
     a_token_that_does_not_do_is_told_and_not_shown, an_origin_that_is_not_listed, a_path_without_a_protocol, a_client_without_a_token, a_url_that_works,
     a_manifest_that_cannot_be_read_is_told_as_check_tells_it, programs_read_json])

"""What people install, installed: the debs into a clean Debian 12, the tarball into one without any library
of ours, the package of npm into an empty folder.

Usage: packages_test.py FOLDER CACHE; speaks TAP. FOLDER has what `./dev package` made; as root, as it makes a
Debian in CACHE with debootstrap, once.
"""
import glob
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tests", "ports"))
from free_port import free_port  # noqa: E402

OUT, CACHE = map(os.path.abspath, sys.argv[1:3])
WAIT_SECONDS = 60
CHROOT = "/usr/sbin/chroot"
OLDEST_GLIBC = (2, 36)  # Debian 12's
MOST_EXPOSED = "25"     # of systemd-analyze security, in tenths


def expect(holds, said):
    if not holds:
        raise AssertionError(str(said))


def sh(*command, **how):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, timeout=900, **how)
    expect(done.returncode == 0, f"{' '.join(command)}: exit {done.returncode}\n{done.stdout}")
    return done.stdout


def made(pattern):
    found = glob.glob(os.path.join(OUT, pattern))
    expect(len(found) == 1, f"{pattern}: {found}")
    return found[0]


class Debian:
    """A clean Debian 12 in a folder: what debootstrap makes, and nothing else."""

    def __init__(self):
        base = os.path.join(CACHE, "debian.tar")
        if not os.path.exists(base):
            tree = os.path.join(CACHE, "debian")
            shutil.rmtree(tree, ignore_errors=True)
            sh("debootstrap", "--variant=minbase", "bookworm", tree, "http://deb.debian.org/debian")
            sh("tar", "-C", tree, "-cf", base + ".new", ".")
            os.rename(base + ".new", base)
            shutil.rmtree(tree)
        self.root = tempfile.mkdtemp(prefix="freshet-debian-")
        sh("tar", "-C", self.root, "-xf", base)
        with open(self.path("usr/sbin/policy-rc.d"), "w", encoding="utf-8") as policy:
            policy.write("#!/bin/sh\nexit 101\n")
        os.chmod(self.path("usr/sbin/policy-rc.d"), 0o755)
        shutil.copy("/etc/resolv.conf", self.path("etc/resolv.conf"))
        # A program finds what lies beside it by /proc/self/exe.
        sh("mount", "-t", "proc", "proc", self.path("proc"))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        sh("umount", self.path("proc"))
        shutil.rmtree(self.root, ignore_errors=True)

    def path(self, inside):
        return os.path.join(self.root, inside.lstrip("/"))

    def run(self, *command):
        return sh(CHROOT, self.root, *command, env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "DEBIAN_FRONTEND": "noninteractive"})

    def install(self, *debs):
        for deb in debs:
            shutil.copy(deb, self.path("tmp"))
        self.run("apt-get", "update", "-qq")
        self.run("apt-get", "install", "-y", "-qq", "--no-install-recommends", *[f"/tmp/{os.path.basename(deb)}" for deb in debs])


class Service:
    """A process as systemd starts it, which hears what it says of itself."""

    def __init__(self, command, environment, folder):
        self.address = os.path.join(folder, "notify.sock")
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.address)
        os.chmod(self.address, 0o777)
        self.heard = []
        self.thread = threading.Thread(target=self.listen, daemon=True)
        self.thread.start()
        self.process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def listen(self):
        while True:
            try:
                self.heard += self.socket.recv(4096).decode().splitlines()
            except OSError:
                return

    def wait_for(self, word):
        until = time.monotonic() + WAIT_SECONDS
        while word not in self.heard:
            expect(self.process.poll() is None, self.process.stdout.read() if self.process.poll() is not None else "")
            expect(time.monotonic() < until, f"{word}: {self.heard}")
            time.sleep(0.02)

    def end(self):
        self.process.send_signal(signal.SIGTERM)
        out, _ = self.process.communicate(timeout=WAIT_SECONDS)
        self.socket.close()
        return self.process.returncode, out


def answers(port):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=WAIT_SECONDS) as page:
        return page.status == 200


def the_deb_is_installed_and_serves_as_its_unit_says():
    with Debian() as debian:
        debian.install(made("freshet_*.deb"))
        expect(debian.run("freshet", "--version").startswith("freshet "), "no version")
        for there in ("/etc/freshet/freshet.toml", "/usr/share/man/man1/freshet.1.gz", "/usr/share/man/man5/freshet.toml.5.gz",
                      "/lib/systemd/system/freshet.service", "/usr/share/bash-completion/completions/freshet"):
            expect(os.path.exists(debian.path(there)), f"{there} is missing")
        expect("freshet" in debian.run("getent", "passwd", "freshet"), "no user")
        port = free_port()
        manifest = debian.path("etc/freshet/freshet.toml")
        with open(manifest, encoding="utf-8") as text:
            changed = text.read().replace("127.0.0.1:4747", f"127.0.0.1:{port}")
        with open(manifest, "w", encoding="utf-8") as text:
            text.write(changed)
        # As systemd makes StateDirectory and RuntimeDirectory.
        debian.run("install", "-d", "-o", "freshet", "-g", "freshet", "/var/lib/freshet", "/run/freshet")
        with open(debian.path("lib/systemd/system/freshet.service"), encoding="utf-8") as unit:
            command = re.search(r"^ExecStart=(.*)$", unit.read(), re.M).group(1).split()
        folder = debian.path("run/freshet")
        service = Service([CHROOT, "--userspec=freshet:freshet", debian.root, *command],
                          {"PATH": "/usr/bin:/bin", "NOTIFY_SOCKET": "/run/freshet/notify.sock"}, folder)
        service.wait_for("READY=1")
        expect(answers(port), "does not answer")
        expect(json.loads(debian.run("freshet", "rooms", "list", "-m", "/etc/freshet/freshet.toml", "--json") or "{}") == {}, "rooms")
        code, out = service.end()
        expect(code == 0 and "STOPPING=1" in service.heard, (code, out, service.heard))
        expect(os.path.exists(debian.path("var/lib/freshet/freshet.db")), "documents are elsewhere")
        debian.run("apt-get", "purge", "-y", "-qq", "freshet")
        expect(not os.path.exists(debian.path("etc/freshet/freshet.toml")) and os.path.exists(debian.path("var/lib/freshet/freshet.db")),
               "a purge takes the manifest, and leaves documents")


def the_unit_is_hardened():
    if not shutil.which("systemd-analyze"):
        return
    unit = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../debian/freshet.service")
    sh("systemd-analyze", "security", "--offline=true", f"--threshold={MOST_EXPOSED}", unit)


def the_dev_debs_have_headers_a_library_and_their_pkg_config_files():
    with tempfile.TemporaryDirectory() as folder:
        for name in ("freshet-sdk", "freshet-crdt"):
            sh("dpkg-deb", "-x", made(f"{name}_*.deb"), folder)
        found = {"PKG_CONFIG_LIBDIR": f"{folder}/usr/lib/pkgconfig", "PKG_CONFIG_SYSROOT_DIR": folder, "PATH": os.environ["PATH"]}
        flags = sh("pkg-config", "--cflags", "--libs", "freshet-crdt", env=found).split()
        source = os.path.join(folder, "try.cc")
        with open(source, "w", encoding="utf-8") as text:
            text.write('#include "freshet/crdt/doc.h"\n#include "freshet/abi/store.h"\nint main() { freshet::crdt::Doc doc; }\n')
        sh("g++", "-std=c++20", source, "-o", os.path.join(folder, "try"), *flags)
        sh(os.path.join(folder, "try"))


def newest_glibc_of(tree):
    newest = (0, 0)
    for path in glob.glob(f"{tree}/**", recursive=True):
        if os.path.isfile(path) and open(path, "rb").read(4) == b"\x7fELF":
            for version in re.findall(r"GLIBC_(\d+)\.(\d+)", sh("objdump", "-T", path)):
                newest = max(newest, tuple(map(int, version)))
    return newest


def the_tarball_serves_on_a_debian_with_nothing_installed():
    with Debian() as debian:
        sh("tar", "-C", debian.path("opt"), "-xzf", made("freshet-*-linux-x86_64.tar.gz"))
        (name,) = os.listdir(debian.path("opt"))
        expect(newest_glibc_of(debian.path(f"opt/{name}")) <= OLDEST_GLIBC, newest_glibc_of(debian.path(f"opt/{name}")))
        plugins = debian.run(f"/opt/{name}/bin/freshet", "plugins")
        for plugin in ("platform-ws", "store-sqlite", "store-postgres", "bus-redis", "app-webhook", "auth-jwt"):
            expect(f"\n{plugin} " in "\n" + plugins, plugins)
        port = free_port()
        debian.run(f"/opt/{name}/bin/freshet", "init", "-o", "/tmp/freshet.toml", "--listen", f"127.0.0.1:{port}",
                   "--path", "/tmp/data/freshet.db", "--admin", "unix:/tmp/admin.sock")
        service = Service([CHROOT, debian.root, f"/opt/{name}/bin/freshet", "serve", "/tmp/freshet.toml"],
                          {"NOTIFY_SOCKET": "/tmp/notify.sock"}, debian.path("tmp"))
        service.wait_for("READY=1")
        expect(answers(port), "does not answer")
        code, out = service.end()
        expect(code == 0, out)


def npx_freshet_serves_where_somebody_stands():
    with tempfile.TemporaryDirectory() as folder:
        sh("npm", "init", "-y", cwd=folder)
        sh("npm", "install", "--no-audit", "--no-fund", made("freshet-*.tgz"), cwd=folder)
        sh("npx", "freshet", "init", "--listen", f"127.0.0.1:{(port := free_port())}", cwd=folder)
        process = subprocess.Popen(["npx", "freshet"], cwd=folder, stderr=subprocess.PIPE, text=True, start_new_session=True)
        for line in process.stderr:
            if "serves freshet.toml" in line:
                break
        expect(answers(port) and os.path.exists(os.path.join(folder, "data/freshet.db")), "does not serve")
        os.killpg(process.pid, signal.SIGTERM)
        process.communicate(timeout=WAIT_SECONDS)


def what_is_in_the_packages_is_theirs():
    listed = sh("dpkg-deb", "-c", made("freshet_*.deb"))
    expect("/usr/lib/freshet/plugins/platform-ws.so" in listed and "/include/" not in listed, listed)
    fields = sh("dpkg-deb", "-f", made("freshet_*.deb"), "Depends")
    expect("libsqlite3-0" in fields and "libpq5" in fields, fields)
    with open(os.path.join(os.path.dirname(OUT), "npm/package.json"), encoding="utf-8") as text:
        expect(json.load(text)["version"] == sh("dpkg-deb", "-f", made("freshet_*.deb"), "Version").strip(), "two versions")


TESTS = (what_is_in_the_packages_is_theirs, the_unit_is_hardened, the_dev_debs_have_headers_a_library_and_their_pkg_config_files,
         npx_freshet_serves_where_somebody_stands, the_deb_is_installed_and_serves_as_its_unit_says,
         the_tarball_serves_on_a_debian_with_nothing_installed)


def main():
    failed = 0
    os.makedirs(CACHE, exist_ok=True)
    print(f"1..{len(TESTS)}")
    for number, test in enumerate(TESTS, 1):
        name = test.__name__.replace("_", " ")
        try:
            test()
            print(f"ok {number} - {name}", flush=True)
        except (AssertionError, ValueError, KeyError, OSError, subprocess.SubprocessError) as wrong:
            failed += 1
            print(f"not ok {number} - {name}", flush=True)
            print("# " + str(wrong).replace("\n", "\n# "))
    print(f"{len(TESTS) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

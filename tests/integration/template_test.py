"""Is the SDK enough? Installs Freshet into a folder of its own, copies the installed template out,
builds it there as a stranger would, and serves with it.

Usage: template_test.py SOURCE_ROOT BUILD_ROOT; speaks TAP. Everything that `meson install` puts in
place must be built.
"""
import glob
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

WAIT_SECONDS = 30


class Failed(Exception):
    pass


def run(command, **options):
    """The output of a command that must succeed."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          check=False, **options)
    if done.returncode != 0:
        raise Failed(f"{' '.join(command)}: exit {done.returncode}\n{done.stdout}")
    return done.stdout


def the_one(pattern):
    found = glob.glob(pattern, recursive=True)
    if len(found) != 1:
        raise Failed(f"{pattern}: {found}")
    return found[0]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class World:
    """One installed Freshet and one project that uses it, in a folder that goes away."""

    def __init__(self, source, build, root):
        self.source, self.build = source, build
        self.stage, self.project = os.path.join(root, "stage"), os.path.join(root, "store-mine")
        self.environment = dict(os.environ)
        # Nothing of this run's own configuration reaches the stranger's build.
        for name in ("DESTDIR", "CFLAGS", "CXXFLAGS", "LDFLAGS", "MESON_TEST_ITERATION"):
            self.environment.pop(name, None)

    def install(self):
        run(["meson", "install", "-C", self.build, "--no-rebuild", "--destdir", self.stage],
            env=self.environment)
        package = the_one(f"{self.stage}/**/freshet-sdk.pc")
        self.environment["PKG_CONFIG_PATH"] = os.path.dirname(package)
        self.program = the_one(f"{self.stage}/**/bin/freshet")

    def variable(self, name):
        return run(["pkg-config", f"--variable={name}", "freshet-sdk"],
                   env=self.environment).strip()

    def copy_template(self):
        template = self.variable("template")
        if not os.path.realpath(template).startswith(os.path.realpath(self.stage)):
            raise Failed(f"pkg-config names a template outside of the installation: {template}")
        shutil.copytree(template, self.project)

    def build_template(self):
        run(["meson", "setup", "build"], cwd=self.project, env=self.environment)
        run(["ninja", "-C", "build"], cwd=self.project, env=self.environment)
        seen = open(os.path.join(self.project, "build", "build.ninja"), encoding="utf-8").read()
        for path in (self.source, self.build):
            if path + "/" in seen:
                raise Failed(f"the template's build reaches into {path}")

    def contract(self):
        said = run([os.path.join(self.project, "build", "store-memory-test")])
        if "LoadsWhatWasAppendedInItsOrder" not in said:
            raise Failed(f"the contract was not among the tests:\n{said}")

    def symbols(self):
        said = run(["nm", "-D", "--defined-only",
                    os.path.join(self.project, "build", "store-memory.so")])
        names = [line.split()[-1] for line in said.splitlines()]
        if names != ["freshet_plugin_entry"]:
            raise Failed(f"exported: {names}")

    def manifest(self, name, settings="max_rooms = 1000"):
        """The template's own manifest with a port, and an admin address, of this test's."""
        text = open(os.path.join(self.project, "freshet.toml"), encoding="utf-8").read()
        text = text.replace("127.0.0.1:4747", f"127.0.0.1:{self.port}")
        text = text.replace("max_rooms = 1000", settings)
        path = os.path.join(self.project, name)
        with open(path, "w", encoding="utf-8") as out:
            out.write(text)
        return path

    def check(self):
        self.port = free_port()
        run([self.program, "check", self.manifest("good.toml")], cwd=self.project)
        wrong = subprocess.run([self.program, "check", self.manifest("bad.toml", "max_rooms = 0")],
                               cwd=self.project, capture_output=True, text=True, check=False)
        said = wrong.stdout + wrong.stderr
        if wrong.returncode != 3 or "max_rooms" not in said:
            raise Failed(f"a setting out of bounds: exit {wrong.returncode}\n{said}")

    def serve(self):
        self.port = free_port()
        log = os.path.join(self.project, "server.log")
        with open(log, "w", encoding="utf-8") as out:
            server = subprocess.Popen([self.program, "serve", self.manifest("serve.toml")],
                                      cwd=self.project, stdout=out, stderr=out)
        try:
            self.wait_until_ready(server)
            server.send_signal(signal.SIGTERM)
            if server.wait(timeout=WAIT_SECONDS) != 0:
                raise Failed(f"it ended with {server.returncode}")
        except (Failed, subprocess.TimeoutExpired) as error:
            raise Failed(f"{error}\n{open(log, encoding='utf-8').read()}") from error
        finally:
            if server.poll() is None:
                server.kill()
                server.wait()

    def wait_until_ready(self, server):
        deadline = time.monotonic() + WAIT_SECONDS
        last = "no answer"
        while time.monotonic() < deadline:
            if server.poll() is not None:
                raise Failed(f"the server ended with {server.returncode}")
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=5):
                    return
            except (urllib.error.URLError, OSError) as error:
                last = str(error)
                time.sleep(0.05)
        raise Failed(f"not ready: {last}")


def main():
    source, build = (os.path.realpath(path) for path in sys.argv[1:3])
    steps = [
        ("Freshet installs", World.install),
        ("pkg-config finds the template in the installation", World.copy_template),
        ("the template builds outside of the tree", World.build_template),
        ("the template keeps the contract of a store", World.contract),
        ("the built plugin exports one symbol", World.symbols),
        ("a manifest with it is accepted, and its settings are judged", World.check),
        ("a server with it gets ready and stops in order", World.serve),
    ]
    print(f"1..{len(steps)}")
    broken = False
    with tempfile.TemporaryDirectory(prefix="freshet-template-") as root:
        world = World(source, build, root)
        for number, (name, step) in enumerate(steps, 1):
            try:
                if broken:
                    raise Failed("a step before it failed")
                step(world)
                print(f"ok {number} - {name}", flush=True)
            except Failed as failure:
                broken = True
                print(f"not ok {number} - {name}", flush=True)
                print("\n".join("# " + line for line in str(failure).splitlines()), flush=True)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())

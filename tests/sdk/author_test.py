"""Is an installed Freshet enough to write a plugin? Installs it into a folder of its own, and then does as
an author would: `freshet plugin new`, build, test, check, serve, with nothing of this tree.

Usage: author_test.py SOURCE_ROOT BUILD_ROOT KIND...; speaks TAP. Everything that `meson install` puts in
place must be built. Each kind is tried in C++ and in C, and some in Rust where there is cargo; two projects at a
time.
"""
import concurrent.futures
import glob
import os
import shutil
import subprocess
import sys
import tempfile

from served import Served
from tap import Failed, Skipped, Tap

LANGUAGES = ("cpp", "c")
IN_RUST = ("app", "auth", "store")
# What the manifests take from the environment.
VARIABLES = {"MY_SECRET": "a-secret-of-people", "MY_KEY": "a-key-of-programs",
             "MY_DATABASE": "postgresql:///nowhere"}
# A store that many nodes share wants a database: tests/cluster has one.
NOT_SERVED = ("bus",)
# A wire of Yjs cannot do anything with other documents, but it is there, and waits.
PAGES = {"http": "/notes-http", "protocol": "/"}


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


class World:
    """One installed Freshet and what an author does with it, in a folder that goes away."""

    def __init__(self, source, build, root):
        self.source, self.build, self.root = source, build, root
        self.stage = os.path.join(root, "stage")
        self.environment = dict(os.environ) | VARIABLES
        # Nothing of this run's own configuration reaches the stranger's build.
        for name in ("DESTDIR", "CFLAGS", "CXXFLAGS", "LDFLAGS", "MESON_TEST_ITERATION"):
            self.environment.pop(name, None)
        # Compiled alike wherever the folder is, so that the cache knows it.
        self.environment |= {"CCACHE_BASEDIR": root, "CCACHE_NOHASHDIR": "1"}

    def install(self):
        run(["meson", "install", "-C", self.build, "--no-rebuild", "--destdir", self.stage],
            env=self.environment)
        package = the_one(f"{self.stage}/**/freshet-sdk.pc")
        self.environment["PKG_CONFIG_PATH"] = os.path.dirname(package)
        self.program = run(["pkg-config", "--variable=program", "freshet-sdk"],
                           env=self.environment).strip()
        if not os.path.realpath(self.program).startswith(os.path.realpath(self.stage)):
            raise Failed(f"pkg-config names a program outside of the installation: {self.program}")

    def make(self, kind, language, name=None):
        """A new project, in a folder of its language."""
        folder = os.path.join(self.root, language)
        os.makedirs(folder, exist_ok=True)
        name = name or f"notes-{kind}"
        run([self.program, "plugin", "new", name, "--kind", kind, "--lang", language],
            cwd=folder, env=self.environment)
        project = RustProject if language == "rust" else Project
        return project(self, kind, os.path.join(folder, name), name)

    def refuses(self):
        folder = os.path.join(self.root, "refused")
        os.makedirs(os.path.join(folder, "is-there"))
        wrong = {("notes-x", "--kind", "stor"): 'did you mean "store"?',
                 ("notes-x", "--kind", "store", "--lang", "cp"): 'did you mean "cpp"?',
                 ("notes", "--kind", "store"): "two words",
                 ("Notes-store", "--kind", "store"): "small letters",
                 ("../notes-store", "--kind", "store"): "small letters",
                 ("store-sqlite", "--kind", "store"): "there already",
                 ("is-there", "--kind", "store"): "there already"}
        for arguments, words in wrong.items():
            done = subprocess.run([self.program, "plugin", "new", *arguments], cwd=folder, text=True,
                                  capture_output=True, check=False, env=self.environment)
            if done.returncode == 0 or words not in done.stderr:
                raise Failed(f"{arguments}: exit {done.returncode}\n{done.stdout}{done.stderr}")
        if os.listdir(folder) != ["is-there"]:
            raise Failed(f"it made {os.listdir(folder)}")

    def with_cmake(self):
        if shutil.which("cmake") is None:
            raise Skipped("there is no cmake")
        for language in LANGUAGES:
            project = self.make("auth", language, "cmake-auth")
            project.run(["cmake", "-B", "build", "-DCMAKE_BUILD_TYPE=None"])
            project.run(["cmake", "--build", "build"])
            project.run(["ctest", "--test-dir", "build", "--no-tests=error"])
            project.symbols()
            project.check()


class Project:
    def __init__(self, world, kind, folder, name):
        self.world, self.kind, self.folder, self.name = world, kind, folder, name

    def run(self, command):
        return run(command, cwd=self.folder, env=self.world.environment)

    def built(self):
        # Quickly: it is not measured here.
        self.run(["meson", "setup", "build", "-Doptimization=0", "-Dwerror=true"])
        self.run(["ninja", "-C", "build", "-j", "1"])
        with open(os.path.join(self.folder, "build", "build.ninja"), encoding="utf-8") as file:
            seen = file.read()
        for path in (self.world.source, self.world.build):
            if path + "/" in seen:
                raise Failed(f"the build reaches into {path}")

    def tested(self):
        said = self.run([os.path.join(self.folder, "build", self.name + "-test")])
        if " FAILED " in said or " PASSED " not in said:
            raise Failed(said)

    def library(self):
        return os.path.join("build", self.name + ".so")

    def symbols(self):
        said = self.run(["nm", "-D", "--defined-only", self.library()])
        names = [line.split()[-1] for line in said.splitlines()]
        if names != ["freshet_plugin_entry"]:
            raise Failed(f"exported: {names}")

    def nothing_left(self):
        """Whatever is called after the example is called after the plugin."""
        for folder, _, files in os.walk(self.folder):
            if os.path.relpath(folder, self.folder).split(os.sep)[0] in ("build", "target", "freshet"):
                continue
            for file in files:
                path = os.path.join(folder, file)
                with open(path, encoding="utf-8") as text:
                    words = text.read() + file
                for old in ("my-plugin", "my_plugin", f"my-{self.kind}", f"my_{self.kind}"):
                    if old in words:
                        raise Failed(f"{path} still says {old}")

    def check(self):
        said = self.run([self.world.program, "check", "freshet.toml"])
        if self.name not in said:
            raise Failed(said)

    def all(self):
        self.nothing_left()
        self.built()
        self.tested()
        self.symbols()
        self.check()
        if self.kind not in NOT_SERVED:
            self.serve()

    def serve(self):
        with open(os.path.join(self.folder, "freshet.toml"), encoding="utf-8") as file:
            manifest = file.read()
        with Served(self.world.program, self.folder, manifest, self.world.environment) as server:
            if self.kind in PAGES:
                server.wait_until_answered(PAGES[self.kind])


class RustProject(Project):
    """With the crate beside it, and nothing from the net."""

    def built(self):
        self.run(["cargo", "build", "--release", "--offline"])

    def tested(self):
        said = self.run(["cargo", "test", "--offline"])
        if "test result: ok." not in said or " 0 passed" in said.split("Doc-tests")[0]:
            raise Failed(said)

    def library(self):
        return os.path.join("target", "release", f"lib{self.name.replace('-', '_')}.so")

    def all(self):
        if shutil.which("cargo") is None:
            raise Skipped("there is no cargo")
        super().all()
        # Those in C++ and C are tried in tests/plugin-check and tests/abi.
        self.run([self.world.program, "plugin", "check", self.library(), "-m", "freshet.toml"])


def main():
    source, build = (os.path.realpath(path) for path in sys.argv[1:3])
    kinds = sys.argv[3:]
    projects = [(kind, language) for kind in kinds for language in LANGUAGES]
    projects += [(kind, "rust") for kind in IN_RUST]
    tap = Tap(3 + len(projects))
    with tempfile.TemporaryDirectory(prefix="freshet-author-") as root, \
            concurrent.futures.ThreadPoolExecutor(2) as pool:
        world = World(source, build, root)
        if not tap.tell("Freshet installs, and pkg-config finds it", world.install):
            return 1
        tap.tell("what is no name, no kind or no language is refused, and nothing is made", world.refuses)
        started = [(kind, language,
                    pool.submit(lambda k=kind, l=language: world.make(k, l).all()))
                   for kind, language in projects]
        for kind, language, project in started:
            tap.tell(f"{kind} in {language}: made, built, tested, checked and served", project.result)
        tap.tell("CMake builds them, too", world.with_cmake)
    return 1 if tap.failed else 0


if __name__ == "__main__":
    sys.exit(main())

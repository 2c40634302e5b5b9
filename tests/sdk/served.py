"""A server as an operator has it: a manifest in a folder, on a free port of the loopback."""
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request

from tap import Failed

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "ports"))
from free_port import free_port  # noqa: E402

WAIT_SECONDS = 30


class Served:
    """Runs inside the with, and has to end in order behind it. What it said is told with what failed."""

    def __init__(self, program, folder, manifest, environment=None):
        """`manifest` listens on port 4747, as far as it knows."""
        self.port = free_port()
        self.log = os.path.join(folder, "server.log")
        with open(os.path.join(folder, "served.toml"), "w", encoding="utf-8") as file:
            file.write(manifest.replace("127.0.0.1:4747", f"127.0.0.1:{self.port}"))
        with open(self.log, "w", encoding="utf-8") as out:
            self.process = subprocess.Popen([program, "serve", "served.toml"], cwd=folder, stdout=out,
                                            stderr=out, env=environment)

    def __enter__(self):
        try:
            self.wait_until_answered("/readyz")
        except Failed:
            self.kill()
            raise
        return self

    def __exit__(self, kind, error, trace):
        try:
            if error is None:
                self.process.send_signal(signal.SIGTERM)
                if self.process.wait(timeout=WAIT_SECONDS) != 0:
                    raise self.failed(f"it ended with {self.process.returncode}")
        except subprocess.TimeoutExpired as late:
            raise self.failed("it does not end") from late
        finally:
            self.kill()
        if isinstance(error, (Failed, OSError)):
            raise self.failed(error) from error

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def failed(self, why):
        with open(self.log, encoding="utf-8") as said:
            return Failed(f"{why}\n{said.read()}")

    def wait_until_answered(self, path):
        deadline = time.monotonic() + WAIT_SECONDS
        last = "no answer"
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise self.failed(f"the server ended with {self.process.returncode}")
            try:
                return self.ask(path)
            except (urllib.error.URLError, OSError) as error:
                last = str(error)
                time.sleep(0.05)
        raise self.failed(f"{path}: {last}")

    def ask(self, path, body=None, headers=None):
        """What a request is answered with. A status that says that it failed is a urllib.error.HTTPError."""
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", data=body, headers=headers or {})
        with urllib.request.urlopen(request, timeout=5) as answer:
            return answer.read()

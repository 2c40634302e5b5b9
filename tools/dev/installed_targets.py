"""Prints what `meson install` would install, relative to the build folder, for ninja."""
import json
import os
import subprocess
import sys

build = sys.argv[1]
answer = subprocess.run(["meson", "introspect", build, "--targets"], check=True, capture_output=True)
for target in json.loads(answer.stdout):
    if target["installed"] and target["type"] != "custom":
        for name in target["filename"]:
            print(os.path.relpath(name, build))

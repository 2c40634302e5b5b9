"""`freshet plugin check` and `freshet plugin inspect`, as who writes a plugin has them.

Usage: command_test.py FRESHET PLUGINS BROKEN; speaks TAP. PLUGINS: the folder of the tree's plugins,
BROKEN that of those which are wrong.
"""
import json
import os
import subprocess
import sys
import tempfile

FRESHET, PLUGINS, BROKEN = map(os.path.abspath, sys.argv[1:])
SQLITE = f"{PLUGINS}/store-sqlite/store-sqlite.so"


def freshet(*words, folder=None):
    done = subprocess.run([FRESHET, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          check=False, timeout=120, cwd=folder)
    return done.returncode, done.stdout, done.stderr


def expect(holds, said):
    if not holds:
        raise AssertionError(str(said))


def what_it_says_of_itself_is_told_without_creating_it():
    with tempfile.TemporaryDirectory() as folder:
        said = freshet("plugin", "inspect", SQLITE, folder=folder)
        expect(os.listdir(folder) == [], "it made a file")
    code, out, _ = said
    expect(code == 0 and out.startswith("store-sqlite "), said)
    for words in ("offers: freshet.store/0", "exports: freshet_plugin_entry", "ABI: version 0",
                  "loading it: 0 threads, 0 open files", "path: a text; default data/freshet.db"):
        expect(words in out, f"{words}: {out}")


def plugins_tells_the_same_of_a_file():
    expect(freshet("plugins", SQLITE) == freshet("plugin", "inspect", SQLITE), "two answers")
    expect(freshet("plugin", "inspect", "store-sqlite")[0] == 0, "by its id")


def programs_are_told_in_json():
    about = json.loads(freshet("plugin", "inspect", SQLITE, "--json")[1])
    expect(about["id"] == "store-sqlite" and about["offers"] == ["freshet.store/0"], about)
    expect({"key", "type", "default", "help"} <= about["settings"][0].keys(), about["settings"])


def one_that_crashes_when_it_is_loaded_is_told_of():
    said = freshet("plugin", "inspect", f"{BROKEN}/crashes_at_load.so")
    expect(said[0] == 3 and "crashed (Segmentation fault) in dlopen()" in said[2], said)


def a_test_is_run_again_by_its_name_and_seed():
    code, out, err = freshet("plugin", "check", SQLITE, "--filter", "store.LoadsWhat*", "--reproduce", "617")
    expect(code == 0, out)
    expect("passed store.LoadsWhatWasAppendedInItsOrder" in err, err)
    expect("0 failed" in out and "seed 617" in out, out)


def what_fails_is_told_with_the_way_to_see_it_again():
    code, out, _ = freshet("plugin", "check", f"{BROKEN}/leaves_threads.so", "--reproduce", "5")
    expect(code == 1, out)
    expect("failed: plugin.LeavesNothingBehind\n" in out, out)
    expect("leaves_threads.so --filter plugin.LeavesNothingBehind --reproduce 5\n" in out, out)


def what_it_needs_from_outside_is_said():
    code, out, _ = freshet("plugin", "check", "bus-redis")
    expect(code == 0 and "needs url: give it by --set url=..., or name by -m" in out, out)
    code, out, _ = freshet("plugin", "check", "auth-jwt")
    expect(code == 0 and "cannot be tried with these settings: no key: give secret" in out, out)


def the_settings_of_a_manifest_are_taken():
    with tempfile.TemporaryDirectory() as folder:
        with open(f"{folder}/freshet.toml", "w", encoding="utf-8") as manifest:
            manifest.write('[server]\nlisten = ["127.0.0.1:0"]\n[[plugin]]\nuse = "auth-jwt"\n[plugin.settings]\n'
                           'secret = "a secret of the tests, and a long one"\n')
        said = freshet("plugin", "check", "auth-jwt", "-m", "freshet.toml", "--filter", "auth.*", folder=folder)
        expect(said[0] == 0 and "0 failed, 0 skipped" in said[1], said)
        said = freshet("plugin", "check", "store-sqlite", "-m", "freshet.toml", folder=folder)
        expect(said[0] == 3 and "none is store-sqlite" in said[2], said)


def a_store_is_not_tried_on_somebodys_data():
    with tempfile.TemporaryDirectory() as folder:
        said = freshet("plugin", "check", "store-sqlite", "--set", "integrity=full", "--filter", "store.TakesAn*",
                       folder=folder)
        expect(said[0] == 0 and os.listdir(folder) == [], said)


def a_wrong_command_line_is_told():
    for words in (("--nonsense", SQLITE), (), (SQLITE, "--set", "nothing"), ("no-such-plugin",),
                  (SQLITE, "--filter", "store.NoSuch")):
        said = freshet("plugin", "check", *words)
        expect(said[0] == 2 and said[2] != "", said)
    expect("--reproduce" in freshet("plugin", "check", "--help")[1], "no help")


TESTS = (what_it_says_of_itself_is_told_without_creating_it, plugins_tells_the_same_of_a_file,
         programs_are_told_in_json, one_that_crashes_when_it_is_loaded_is_told_of,
         a_test_is_run_again_by_its_name_and_seed, what_fails_is_told_with_the_way_to_see_it_again,
         what_it_needs_from_outside_is_said, the_settings_of_a_manifest_are_taken,
         a_store_is_not_tried_on_somebodys_data, a_wrong_command_line_is_told)


def main():
    print(f"1..{len(TESTS)}")
    for number, test in enumerate(TESTS, 1):
        name = test.__name__.replace("_", " ")
        try:
            test()
            print(f"ok {number} - {name}", flush=True)
        except (AssertionError, ValueError, KeyError, subprocess.TimeoutExpired) as wrong:
            print(f"not ok {number} - {name}", flush=True)
            print("# " + str(wrong).replace("\\n", "\n").replace("\n", "\n# "))


if __name__ == "__main__":
    main()

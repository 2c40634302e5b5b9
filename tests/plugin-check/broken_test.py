"""Plugins that are wrong in one way each: the checker fails the test that is about it, and says what
a person needs to find it.

Usage: broken_test.py CHECKER FOLDER; speaks TAP.
"""
import concurrent.futures
import json
import subprocess
import sys

LOADS = "plugin.IsLoaded"
CREATES = "plugin.IsCreatedAndDestroyedTwice"
LEAVES = "plugin.LeavesNothingBehind"
BACKUP = "store.ABackupOpensAndHasWhatWasThereThen"
KILLED = "store.KeepsWhatItAnsweredWhenItsProcessIsKilled"
FULL = "store.SaysThatTheDiskIsFullAndGoesOnWhenItIsNot"
HALF = "store.OpensWhatWasHalfWrittenWhenItsProcessEnded"

# Which tests fail, and what each of them says.
EXPECTED = {
    "crashes_at_load": {LOADS: "crashed (Segmentation fault) in dlopen() and freshet_plugin_entry"},
    "newer_abi": {LOADS: "was built for ABI version 7, and this server speaks 0"},
    "crashes_in_create": {CREATES: "crashed (Segmentation fault) in create"},
    "hangs_at_load": {LOADS: "dlopen() and freshet_plugin_entry did not return within 3 s"},
    "hangs_in_create": {CREATES: "create did not return within 3 s"},
    "crashes_in_a_call": {BACKUP: "crashed (Segmentation fault) in store.backup"},
    "ends_the_process": {BACKUP: "ended the process (exit code 0) in store.backup"},
    "hangs": {BACKUP: "store.backup did not return within 3 s"},
    "never_answers": {BACKUP: "store.backup was not answered within 3 s"},
    "answers_twice": {"plugin.AnswersOnce": "store.erase was answered 2 times"},
    "throws": {"plugin.ThrowsNothing": "store.erase threw no luck"},
    "answers_nonsense": {
        "plugin.AnswersWithSense": "store.check answered 77, which is no status",
        "store.HasNoTroubleToTellOfWhileAllIsWell": "?"},
    "leaks": {LEAVES: "so many bytes stay each time that it is created and destroyed"},
    "leaves_threads": {LEAVES: "threads stay after destroy"},
    "exports_more": {"plugin.ShowsItsEntryAlone": "somebody_elses_name"},
    "forgets_when_killed": {
        FULL: "rows that were acknowledged are gone",
        KILLED: "load answered so after",
        HALF: "load answered so after"},
    "ignores_a_full_disk": {
        FULL: "rows that were acknowledged are gone",
        HALF: "rows that were acknowledged are gone"},
    "writes_nothing": {
        "store.KnowsNothingOfARoomThatWasNeverStored": "store().erase(\"r\")",
        "store.EraseForgetsOneRoomWhole": "content(\"r\")"},
    "opens_for_two": {"store.KeepsASecondOwnerOut": "another process can open what is open here"},
    "lets_everybody_in": {"auth.RefusesGarbage": "was let in as {\"id\":\"somebody\"}"},
    "app_answers_nonsense": {"app.AnswersEveryCallAlsoOfGarbage": "what is no JSON: {hello"},
    "app_refuses_in_garbage": {"app.AnswersWhatItIsAskedBeforeItHappens": "its reason is no text"},
    "answers_status_42": {
        "http.AnswersWhateverIsAsked": "status 42",
        "http.AnswersManyAtOnce": "status 42"},
    "sends_to_the_dead": {
        "plugin.AsksWithSense": "room.send was asked of a connection that is closed"},
    "believes_lengths": {
        "protocol.TakesNoMemoryForALengthThatIsOnlySaid": "with a length in it that is 0 bytes",
        "protocol.KeepsNothingOfConnectionsThatAreClosed": "memory of"},
    "blocks_a_shard": {"protocol.BlocksNoShard": "nobody else of their shard is served meanwhile"},
    "merges_one": {"crdt.MergesUpdatesWithoutADocument": "here.json()"},
}


# What hangs is given less time than what is slow on a machine that has much to do.
SECONDS = {"hangs": "3", "hangs_at_load": "3", "hangs_in_create": "3", "never_answers": "3"}


def check(checker, folder, name):
    """What is wrong with what the checker said, a line each."""
    done = subprocess.run([checker, f"{folder}/{name}.so", "--json", "--reproduce", "1",
                           "--timeout", SECONDS.get(name, "60")],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False,
                          timeout=120)
    try:
        tests = json.loads(done.stdout)["tests"]
    except (ValueError, KeyError):
        return [f"exit {done.returncode}, and no report: {done.stdout}{done.stderr}"]
    failed = {test["name"]: test.get("why", "") for test in tests if test["outcome"] == "failed"}
    wrong = [] if done.returncode == 1 else [f"exit code {done.returncode}"]
    for test, words in EXPECTED[name].items():
        if test not in failed:
            wrong.append(f"{test} did not fail")
        elif words not in failed[test]:
            wrong.append(f"{test} does not say \"{words}\" but: {failed[test]}")
    wrong += [f"{test} failed, too: {why}" for test, why in failed.items() if test not in EXPECTED[name]]
    return wrong


def main():
    checker, folder = sys.argv[1:]
    print(f"1..{len(EXPECTED)}")
    with concurrent.futures.ThreadPoolExecutor(max_workers=2) as pool:
        answers = {name: pool.submit(check, checker, folder, name) for name in EXPECTED}
        for number, (name, answer) in enumerate(answers.items(), 1):
            wrong = answer.result()
            print(f"{'not ' if wrong else ''}ok {number} - {name}", flush=True)
            for each in wrong:
                print("# " + each.replace("\n", "\n# "))


if __name__ == "__main__":
    main()

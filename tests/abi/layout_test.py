"""Is what was built from a release's headers still understood? The headers of today against the kept ones, and
whether the comparison sees what it is to see.

Usage: layout_test.py SOURCE_ROOT; speaks TAP.
"""
import os
import shutil
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "sdk"))
from layout import Layout, faults  # pylint: disable=wrong-import-position
from tap import Failed, Tap        # pylint: disable=wrong-import-position

# What nobody may do to a header: the file, what is there, what would be there, a word of what is said.
BREAKS = {
    "a member that is in another's place": (
        "app.h", "  uint64_t session; /* a number", "  uint64_t id2; uint64_t session; /* a number",
        "struct freshet_notice"),
    "two functions that change places": (
        "outbox.h", ("void (*read)", "void (*remove)"), ("void (*remove)", "void (*read)"), "struct freshet_outbox"),
    "a member that is gone": ("platform.h", "  uint8_t movable;", "  //", "struct freshet_request"),
    "a member of another type": (
        "app.h", "  uint32_t message; /* ROOM_MESSAGE", "  int32_t message; /* ROOM_MESSAGE", "int message at"),
    "a type that is another one": ("status.h", "typedef int32_t", "typedef int16_t", "short"),
    "a function that takes more": (
        "bus.h", "(*publish)(void* self, ", "(*publish)(void* self, int, ", "publish"),
    "an argument that is another": (
        "http.h", "const freshet_request* request, freshet_reply", "freshet_request* request, freshet_reply",
        "const struct freshet_request*"),
    "an argument passed as a whole that was pointed to": (
        "store.h", "const freshet_batch* batch", "freshet_batch batch", "append"),
    "a status of another number": (
        "status.h", "FRESHET_DENIED = 2,", "FRESHET_DENIED = 12,", "number of FRESHET_DENIED was 2 and is 12"),
    "a number that is gone": ("app.h", "  FRESHET_CALL_SHOW = 6, ", "  ", "FRESHET_CALL_SHOW is gone"),
    "a struct that is gone": (
        "app.h", "struct freshet_app_wants", "struct freshet_app_wishes", "struct freshet_app_wants is gone"),
    "another service's id": (
        "auth.h", '"freshet.auth/0"', '"freshet.auth/1"', "value of FRESHET_AUTH_ID"),
    "a bound that is another": (
        "bus.h", "TOPIC_BYTES 4352", "TOPIC_BYTES 4000", "FRESHET_BUS_TOPIC_BYTES"),
    "a struct that has no size and grows": (
        "room.h", "  uint64_t clock;\n", "  uint64_t clock; uint64_t more;\n", "struct freshet_presence"),
    "one that grows at its end": (
        "room.h", "  uint8_t arrived; ", "  uint8_t arrived; uint64_t more; ", "does not begin with `size`"),
    "a member in what was padding": (
        "app.h", "      initial_storage; /* 1", "      initial_storage; uint8_t more; /* 1", "padding"),
    "an array of another length": ("store.h", "uint8_t bytes[16];", "uint8_t bytes[20];", "[20]"),
}
# And what a release may do, as much as it likes.
GROWTH = {
    "a function at a table's end": (
        "app.h", "  int (*settled)(void* self);", "  int (*settled)(void* self);\n  void (*more)(void* self);"),
    "a number more": ("store.h", "  FRESHET_STORE_ENDED = 27 ", "  FRESHET_STORE_MORE = 28, FRESHET_STORE_ENDED = 27 "),
    "a struct more": ("bus.h", '#define FRESHET_BUS_ID', 'struct freshet_more { uint32_t size; };\n#define FRESHET_BUS_ID'),
    "a setting that says more": (
        "plugin.h", "  const char* help;     /* one sentence */", "  const char* help;\n  const char* more;"),
    "other words for an argument": ("bus.h", "freshet_str topic, freshet_bytes message", "freshet_str about, freshet_bytes what"),
}


def replaced(text, there, wanted):
    """Each of these once, and all at the same time."""
    pairs = list(zip(there, wanted)) if isinstance(there, tuple) else [(there, wanted)]
    for number, (old, _) in enumerate(pairs):
        if old not in text:
            raise Failed(f"the kept header has no {old!r}")
        text = text.replace(old, f"\0{number}\0")
    for number, (_, new) in enumerate(pairs):
        text = text.replace(f"\0{number}\0", new)
    return text


def said_of(include, kept, change):
    file, there, wanted = change[:3]
    with tempfile.TemporaryDirectory(prefix="freshet-abi-") as folder:
        changed = os.path.join(folder, "include")
        shutil.copytree(include, changed)
        path = os.path.join(changed, "freshet", "abi", file)
        with open(path, encoding="utf-8") as header:
            text = replaced(header.read(), there, wanted)
        with open(path, "w", encoding="utf-8") as header:
            header.write(text)
        return "\n".join(faults(kept, Layout.of(changed)))


def sees(include, kept, change):
    said, word = said_of(include, kept, change), change[3]
    if word is not None and word not in said:
        raise Failed(f"it says {said!r}, without {word!r}")


def lets(include, kept, change):
    said = said_of(include, kept, change)
    if said:
        raise Failed(said)


def is_kept(source, include):
    found = list(faults(Layout.of(include), Layout.of(os.path.join(source, "sdk", "include"))))
    if found:
        raise Failed("\n".join(found) + "\nA table only grows at its end; what has to change gets a new id. "
                     "See docs/abi.md, \"Kept\".")


def main():
    source = sys.argv[1]
    here = os.path.join(source, "tests", "abi")
    kept = sorted(name for name in os.listdir(here) if name[0].isdigit())
    include = os.path.join(here, kept[0], "include")
    tap = Tap(len(kept) + len(BREAKS) + len(GROWTH))
    for version in kept:
        tap.tell(f"what was built from the headers of {version} is understood",
                 lambda v=version: is_kept(source, os.path.join(here, v, "include")))
    first = Layout.of(include)
    for name, change in BREAKS.items():
        tap.tell(f"{name} is seen", lambda c=change: sees(include, first, c))
    for name, change in GROWTH.items():
        tap.tell(f"{name} is no fault", lambda c=change: lets(include, first, c))
    return 1 if tap.failed else 0


if __name__ == "__main__":
    sys.exit(main())

"""The binary contract as a compiler sees it: sizes, offsets, types, numbers; and what of it may not change.

A compiler lays out all that the headers say and writes it down for debuggers, which is read here: so nothing of it
is missed, however it is written.
"""
import dataclasses
import os
import re
import subprocess
import tempfile

# Whoever hands over an array of these says how long one is (freshet_plugin.setting_size).
WITH_STRIDE = ("freshet_setting",)
# Of the text of headers, and no part of the contract.
NO_CONSTANT = re.compile(r"FRESHET_(?:\w+_H|EXPORT)$")


@dataclasses.dataclass(frozen=True)
class Member:
    name: str
    offset: int
    size: int
    type: str


@dataclasses.dataclass
class Struct:
    size: int
    members: list

    @property
    def grows(self):
        """It says how far it reaches, so whoever has it may look."""
        return bool(self.members) and (self.members[0].name, self.members[0].type) == ("size", "unsigned int")


@dataclasses.dataclass
class Layout:
    structs: dict    # name -> Struct
    constants: dict  # name of an enumerator -> number
    types: dict      # name of a typedef -> what it is
    macros: dict     # name -> its words

    @staticmethod
    def of(include):
        """Of the headers under a folder, by what <freshet/abi.h> includes."""
        source = "#include <freshet/abi.h>\n"
        with tempfile.TemporaryDirectory(prefix="freshet-abi-") as folder:
            built = os.path.join(folder, "abi.o")
            compile_c(source, ["-g", "-gdwarf-4", "-fno-eliminate-unused-debug-types", "-c", "-o", built], include)
            dump = run(["readelf", "--debug-dump=info", built])
        layout = Reading(dump).layout()
        layout.macros = macros_of(compile_c(source, ["-E", "-dM"], include))
        return layout


def run(command, text=None):
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}: exit {done.returncode}\n{done.stderr}")
    return done.stdout


def compile_c(source, options, include):
    return run(["gcc", "-std=c11", f"-I{include}", "-xc", "-", *options], source)


def macros_of(text):
    """Those that are values; what takes arguments is a way to write something."""
    found = re.findall(r"^#define (FRESHET_\w+) (.+)$", text, re.MULTILINE)
    return {name: words for name, words in found if not NO_CONSTANT.match(name)}


@dataclasses.dataclass
class Entry:
    """One entry of the debugging information."""
    tag: str
    facts: dict
    inside: list


class Reading:
    ENTRY = re.compile(r"\s*<(\w+)><(\w+)>: Abbrev Number: \d+ \(DW_TAG_(\w+)\)")
    FACT = re.compile(r"\s*<\w+>\s+DW_AT_(\w+)\s*: (.*)")
    KIND = {"base_type": "", "structure_type": "struct ", "enumeration_type": "enum "}
    AROUND = {"typedef": "{}", "pointer_type": "{}*", "const_type": "const {}", "volatile_type": "volatile {}"}

    def __init__(self, dump):
        self.entries = {}
        self.top = []
        open_at = {}  # depth -> entry
        entry = None
        for line in dump.splitlines():
            if found := self.ENTRY.match(line):
                depth, offset, tag = int(found[1], 16), found[2], found[3]
                entry = self.entries[offset] = open_at[depth] = Entry(tag, {}, [])
                (open_at[depth - 1].inside if depth > 0 else self.top).append(entry)
            elif entry is not None and (fact := self.FACT.match(line)):
                # "(indirect string, offset: 0x12): its name"
                entry.facts[fact[1]] = re.sub(r"^\([^)]*\): ", "", fact[2]).strip()

    def layout(self):
        out = Layout({}, {}, {}, {})
        for unit in self.top:
            for entry in unit.inside:
                name = entry.facts.get("name", "")
                if entry.tag == "structure_type" and name and "declaration" not in entry.facts:
                    out.structs[name] = Struct(number(entry.facts["byte_size"]), self.members(entry))
                elif entry.tag == "enumeration_type":
                    for one in entry.inside:
                        out.constants[one.facts["name"]] = number(one.facts["const_value"])
                elif entry.tag == "typedef" and name.startswith("freshet_"):
                    out.types[name] = self.type_of(entry)
        return out

    def members(self, entry):
        return [Member(one.facts["name"], number(one.facts["data_member_location"]),
                       self.size_of(self.meant(one)), self.type_of(one))
                for one in entry.inside if one.tag == "member"]

    def meant(self, entry):
        found = re.match(r"<0x(\w+)>", entry.facts.get("type", ""))
        return self.entries[found[1]] if found else None

    def size_of(self, entry):
        if entry.tag == "pointer_type":
            return number(entry.facts["byte_size"])
        if entry.tag == "array_type":
            return self.size_of(self.meant(entry)) * self.length_of(entry)
        return number(entry.facts["byte_size"]) if "byte_size" in entry.facts else self.size_of(self.meant(entry))

    @staticmethod
    def length_of(array):
        length = 1
        for one in array.inside:
            length *= number(one.facts["upper_bound"]) + 1
        return length

    def type_of(self, entry):
        """What the type of an entry is in the end: no name of ours but those of structs and enums."""
        return self.words_for(self.meant(entry))

    def words_for(self, entry):
        if entry is None:
            return "void"
        if entry.tag in ("base_type", "structure_type", "enumeration_type"):
            # One that has none could not be told from another.
            return self.KIND[entry.tag] + entry.facts["name"]
        inner = self.type_of(entry)
        if entry.tag == "subroutine_type":
            taken = [self.type_of(one) for one in entry.inside if one.tag == "formal_parameter"]
            return f"{inner}({', '.join(taken)})"
        if entry.tag == "array_type":
            return f"{inner}[{self.length_of(entry)}]"
        return self.AROUND[entry.tag].format(inner)


def number(text):
    return int(text.split()[0], 0)


def faults(kept, now):
    """What was built from the `kept` headers and meets a host of the others would take for something else."""
    for name, was in kept.structs.items():
        if name in now.structs:
            yield from struct_faults(name, was, now.structs[name])
        else:
            yield f"struct {name} is gone"
    for what, before, after in (("the number", kept.constants, now.constants),
                                ("the type", kept.types, now.types), ("the value", kept.macros, now.macros)):
        for name, was in before.items():
            if name not in after:
                yield f"{name} is gone"
            elif after[name] != was:
                yield f"{what} of {name} was {was} and is {after[name]}"


def struct_faults(name, was, now):
    for before, after in zip(was.members, now.members):
        if before != after:
            yield f"struct {name}: {words_of(before)} was there, and now {words_of(after)}"
            return  # the rest is as wrong
    if len(now.members) < len(was.members):
        yield f"struct {name}: {was.members[len(now.members)].name} is gone"
    more = now.members[len(was.members):]
    if not was.grows and name not in WITH_STRIDE and (more or was.size != now.size):
        yield (f"struct {name}: it had {was.size} bytes and has {now.size}, and does not begin with `size`: "
               "nobody can see how far it reaches")
    elif more and more[0].offset < was.size:
        yield (f"struct {name}: {more[0].name} lies in what was padding at its end, which the size of older ones "
               "counts: put something before it, so that it begins behind them")


def words_of(member):
    return f"{member.type} {member.name} at {member.offset}"

"""Names, sizes and habits, one file at a time."""
import re

FILE_LINES_MAX = 600
FUNCTION_LINES_MAX = 80

VAGUE = "Manager|Handler|Helper|Util"
VAGUE_TYPE = re.compile(rf"\b(?:class|struct)\s+(?:\w+\s+)?(\w*(?:{VAGUE})s?)\s*(?:final\s*)?[:{{]")
VAGUE_FILE = re.compile(r"(?:^|/|_)(?:utils?|helpers?|common|misc)\.(?:h|cc|c|py|mjs)$")
SHARED = re.compile(r"\b(?:shared_ptr|make_shared|enable_shared_from_this|weak_ptr)\b")
THROWING = re.compile(r"\b(throw|catch)\b")
EMPTY_CATCH = re.compile(r"\bcatch\s*\([^)]*\)\s*\{\s*\}")
LOCK = re.compile(r"\bstd::(?:\w*mutex|condition_variable\w*|lock_guard|unique_lock|scoped_lock)\b")
# Spelled so that this file does not find itself.
UNDONE = re.compile(r"\b(?:TO" r"DO|FIX" r"ME|XX" r"X)\b(?!.{0,12}#\d)")
MACHINE_PATH = re.compile(r"(?<![\w.])/(?:wor" r"k|ho" r"me/\w+|ro" r"ot|Use" r"rs/\w+)/")


def check(source):
    lines = source.text.count("\n")
    generated = source.path.endswith(("package-lock.json", ".txt"))
    if lines > FILE_LINES_MAX and not generated and not source.path.endswith(".md"):
        yield source.finding(0, "file-size", f"{lines} lines, more than {FILE_LINES_MAX}: it has more "
                             "than one reason to change; split it at its seams, by noun")
    if VAGUE_FILE.search(source.path):
        yield source.finding(0, "name", "a file named for nothing in particular collects everything: "
                             "name the thing in it, or move it to its one caller")
    yield from check_text(source)
    if source.is_code:
        yield from check_code(source)
        if not source.is_test:
            yield from check_product(source)


def check_text(source):
    for match in UNDONE.finditer(source.text):
        yield source.finding(match.start(), "undone", f"{match.group()} without an issue number is a "
                             "promise to nobody: file an issue and write its #n here, or do it now")
    for match in MACHINE_PATH.finditer(source.text):
        yield source.finding(match.start(), "machine-path", f"{match.group()}… exists on one machine "
                             "only: make it relative, an argument or a setting")


def check_code(source):
    for match in VAGUE_TYPE.finditer(source.code):
        yield source.finding(match.start(), "name", f"{match.group(1)} says what it is near, not what "
                             "it is: use the noun of the domain (Rooms, Journal, Fanout)")
    for match in EMPTY_CATCH.finditer(source.code):
        yield source.finding(match.start(), "empty-catch", "an error swallowed here is found by a user "
                             "later: turn it into a Status, or log it where it is handled")
    yield from check_functions(source)


def check_product(source):
    for match in SHARED.finditer(source.code):
        yield source.finding(match.start(), "shared-ptr", f"{match.group()}: one owner, by value or "
                             "unique_ptr; references borrow, and what waits for its pending operations "
                             "or readers counts them itself")
    for match in THROWING.finditer(source.code):
        yield source.finding(match.start(), "exceptions", f"{match.group()}: errors are Status and "
                             "Result; an exception stops at the edge of the library that throws it, "
                             "and that edge is named in tools/check.allow")
    for match in LOCK.finditer(source.code):
        yield source.finding(match.start(), "lock", f"{match.group()}: one thread owns the state and "
                             "others post to it; a lock belongs to worker queues alone")


def check_functions(source):
    for start, end in function_bodies(source.code):
        first, last = source.line_of(start), source.line_of(end)
        if last - first + 1 > FUNCTION_LINES_MAX:
            yield source.finding(start, "function-size", f"a function of {last - first + 1} lines, more "
                                 f"than {FUNCTION_LINES_MAX}: it does not fit a head; name its steps")


TRANSPARENT = re.compile(r'\b(?:namespace|class|struct|union|enum|extern)\b')
DIRECTIVE = re.compile(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", re.MULTILINE)


def function_bodies(code):
    """Offsets (open, close) of the bodies of functions; types and namespaces are looked into."""
    code = DIRECTIVE.sub(lambda m: re.sub(r"[^\n]", " ", m.group()), code)
    stack, since = [], 0
    for match in re.finditer(r"[{};]", code):
        at = match.start()
        inside = bool(stack) and stack[-1][0] == "function"
        if match.group() == "{":
            head = code[since:at]
            kind = "function" if inside or is_function_head(head) else "open"
            stack.append((kind, at, inside))
        elif match.group() == "}" and stack:
            kind, opened, nested = stack.pop()
            if kind == "function" and not nested:
                yield opened, at
        since = at + 1


def is_function_head(head):
    head = re.sub(r"template\s*<[^{};]*?>\s*(?=\w)", "", head)
    before_arguments = head.split("(")[0]
    return "(" in head and "=" not in before_arguments.replace("operator", "") \
        and not TRANSPARENT.search(before_arguments)

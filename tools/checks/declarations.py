"""What a file declares and defines: the functions of its namespaces and classes, by their full names.

No compiler: braces are matched in text without comments, strings and directives, and each statement
between them is looked at. Bodies of functions are not looked into. Written for this tree; what it
does not understand (a macro that opens a brace) it would misread, not refuse.
"""
import dataclasses
import re

DIRECTIVE = re.compile(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", re.MULTILINE)
ATTRIBUTE = re.compile(r"\[\[.*?\]\]", re.DOTALL)
LABELS = re.compile(r"^\s*(?:(?:public|private|protected)\s*:(?!:)\s*)+")
# No names of functions, although a parenthesis follows.
NO_NAMES = {"alignas", "decltype", "noexcept", "requires", "explicit", "__attribute__", "sizeof"}
NO_FUNCTIONS = re.compile(r"(?:using|typedef|static_assert|enum|goto|return)\b")
OPERATOR = re.compile(r"\boperator\s*(\(\s*\)|\[\s*\]|[^\s\w(]+|[^(;{]*)")
CLASS = re.compile(r"(?:typedef\s+)?(?:class|struct|union)\b\s*(?:alignas\s*\([^)]*\)\s*)?"
                   r"(?P<name>[\w:]*)\s*(?P<rest>.*)$", re.DOTALL)
NAMESPACE = re.compile(r"(?:inline\s+)?namespace\b\s*(?P<name>[\w:]*)\s*$")


@dataclasses.dataclass(frozen=True)
class Function:
    """`scope` has the namespaces and classes around it, those written before its name included;
    one without a name is "?"."""
    scope: tuple
    name: str
    at: int
    in_class: bool  # stands in the body of its class
    has_body: bool
    ending: str     # "default", "delete", "0" of `= ...`, or ""
    is_static: bool

    @property
    def full_name(self):
        return "::".join([*self.scope, self.name])


@dataclasses.dataclass
class Class:
    scope: tuple  # its own name is the last
    at: int
    functions: list

    @property
    def name(self):
        return self.scope[-1]


@dataclasses.dataclass
class Scope:
    kind: str  # "namespace", "class", "extern"
    names: tuple
    of: Class = None


class Reader:
    """One pass over the code of a source; what it found is in `functions` and `classes`."""

    def __init__(self, code):
        self.code = ATTRIBUTE.sub(blanks, DIRECTIVE.sub(blanks, code))
        self.functions, self.classes = [], []
        self.scopes = []
        self.since = 0
        self.read()

    def read(self):
        at, parentheses = 0, 0
        marks = re.compile(r"[(){};]")
        while mark := marks.search(self.code, at):
            at = mark.end()
            char = mark.group()
            if char in "()":
                parentheses += 1 if char == "(" else -1
            elif char == "{" and parentheses > 0:
                at = self.end_of_braces(mark.start())
            elif char == "{":
                at = self.opened(mark.start())
            elif char == "}":
                if self.scopes:
                    self.scopes.pop()
                self.since = at
            elif parentheses == 0:
                self.statement(self.code[self.since:mark.start()], has_body=False)
                self.since = at

    def opened(self, brace):
        """Where to go on after the { at `brace`: within it if it is a namespace or a class."""
        head = without_labels(self.code[self.since:brace])
        scope = self.scope_of(head)
        if scope:
            self.scopes.append(scope)
            self.since = brace + 1
            return self.since
        end = self.end_of_braces(brace)
        if not is_initializer(head) and self.statement(self.code[self.since:brace], has_body=True):
            self.since = end
        return end

    def scope_of(self, head):
        head = without_template(head).strip()
        if re.fullmatch(r'extern\s*"\s*"', head):
            return Scope("extern", ())
        if namespace := NAMESPACE.match(head):
            return Scope("namespace", tuple((namespace.group("name") or "?").split("::")))
        named = CLASS.match(head)
        if not named:
            return None
        rest = without_angles(named.group("rest")).strip()
        if not re.fullmatch(r"(?:final\b\s*)?(?::(?!:).*)?", rest, re.DOTALL):
            return None
        of = Class(self.names() + tuple((named.group("name") or "?").split("::")), self.start_of_text(), [])
        self.classes.append(of)
        return Scope("class", of.scope[len(self.names()):], of)

    def names(self):
        return tuple(name for scope in self.scopes for name in scope.names)

    def start_of_text(self):
        return re.compile(r"\S|$").search(self.code, self.since).start()

    def end_of_braces(self, brace):
        depth = 0
        for mark in re.compile(r"[{}]").finditer(self.code, brace):
            depth += 1 if mark.group() == "{" else -1
            if depth == 0:
                return mark.end()
        return len(self.code)

    def statement(self, text, has_body):
        """Notes the function that `text` declares or, before a body, defines; True if it is one.
        A friend is one, and none of the class."""
        head = without_template(without_labels(text)).strip()
        name = function_name(head)
        if name is None or re.match(r"friend\b", head):
            return name is not None
        of = self.scopes[-1].of if self.scopes else None
        ending = re.search(r"=\s*(default|delete|0)\s*$", head)
        at = self.since + len(text) - len(LABELS.sub("", text).lstrip())
        *qualifiers, last = name.split("::")
        function = Function(self.names() + tuple(qualifiers), last, at, of is not None,
                            has_body, ending.group(1) if ending else "",
                            of is None and bool(re.match(r"(?:inline\s+)?static\b", head)))
        self.functions.append(function)
        if of:
            of.functions.append(function)
        return True


def blanks(match):
    return re.sub(r"[^\n]", " ", match.group())


def without_labels(text):
    return LABELS.sub("", text)


def without_template(head):
    head = head.lstrip()
    while re.match(r"template\s*<", head):
        head = head[end_of_angles(head, head.index("<")):].lstrip()
    return head


def end_of_angles(text, at):
    """A > within parentheses compares."""
    depth = parentheses = 0
    for offset in range(at, len(text)):
        parentheses += {"(": 1, ")": -1}.get(text[offset], 0)
        if parentheses == 0 and text[offset] == "<":
            depth += 1
        elif parentheses == 0 and text[offset] == ">" and text[offset - 1] != "-":
            depth -= 1
            if depth == 0:
                return offset + 1
    return len(text)


def without_angles(text):
    while "<" in text:
        at = text.index("<")
        text = text[:at] + text[end_of_angles(text, at):]
    return text


def end_of_parentheses(text, at):
    depth = 0
    for offset in range(at, len(text)):
        depth += {"(": 1, ")": -1}.get(text[offset], 0)
        if depth == 0:
            return offset + 1
    return len(text)


def is_initializer(head):
    """Is a { after this the value of one member, in the list that a constructor begins with?"""
    before = re.sub(r"\s+$", "", head)
    outside = re.sub(r"\(.*?\)(?=[^()]*$|[^()]*\()", "()", before, flags=re.DOTALL)
    return bool(re.search(r"\)\s*(?:noexcept\s*)?:(?!:)", outside)) and bool(re.search(r"[\w>]$", before))


def function_name(head):
    """The name of the function that a statement, or what stands before a {, declares, if it does:
    with the classes written before it, `Room::join`, and without template arguments."""
    if not head or NO_FUNCTIONS.match(head):
        return None
    operator = OPERATOR.search(head)
    if operator and "=" not in head[:operator.start()] and "(" not in head[:operator.start()]:
        qualifiers = re.search(r"((?:\w+(?:<[^<>]*>)?\s*::\s*)*)$", head[:operator.start()]).group(1)
        return without_angles(qualifiers).replace(" ", "") + "operator" + "".join(operator.group(1).split())
    at = 0
    while at < len(head):
        char = head[at]
        if char == "=":
            return None
        if char == "<":
            at = end_of_angles(head, at)
            continue
        if char == "(":
            before = without_angles(head[:at])
            name = re.search(r"((?:\w+\s*::\s*)*~?\w+)\s*$", before)
            if not name:
                return None
            if name.group(1) in NO_NAMES:
                at = end_of_parentheses(head, at)
                continue
            if re.match(r"\(\s*(?:\w+\s*::\s*)*[*&]", head[at:]) and pointer_follows(head, at):
                return None
            return re.sub(r"\s", "", name.group(1))
        at += 1
    return None


def pointer_follows(head, at):
    """Is this `void (*name)(int)`, a variable? A second list of parameters says so."""
    return head[end_of_parentheses(head, at):].lstrip().startswith(("(", "["))

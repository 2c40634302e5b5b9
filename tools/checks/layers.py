"""Who may include whom. The build gives each target only its own include paths; this says why, and
sees the few things the build cannot."""
import re

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.MULTILINE)

# The engine's own files, and what it shows to those who link it.
ENGINE = ("plugins/crdt-native/engine/", "plugins/crdt-native/include/")
ENGINE_MAY = {"freshet/result.h", "freshet/format/codec.h", "freshet/bytes.h", "freshet/format/utf8.h"}

# In the core these would be a hidden socket, clock or thread; the platform plugin has them all.
CORE_IMPURE = re.compile(
    r"\b(?:std::(?:jthread|thread|this_thread|async|random_device)\b"
    r"|(?:steady|system|high_resolution)_clock\b|gettimeofday\b|clock_gettime\b"
    r"|std::time\b|::(?:socket|listen|accept|connect)\()")
CORE_IMPURE_INCLUDE = re.compile(r"(?:thread|boost/asio.*|boost/beast.*|sys/socket\.h)$")


def is_pure(source):
    """The command line is a client of the server, the checker of plugins has none, and the guard looks
    after one from outside: programs around the core, not in it."""
    return source.path.startswith("core/") and not source.path.startswith(
        ("core/cli/", "core/check/", "core/guard/"))


def check(tree, source):
    if not source.is_code or source.is_test:
        return
    for match in INCLUDE.finditer(source.code_with_strings):
        yield from check_include(tree, source, match)
    if is_pure(source):
        for match in CORE_IMPURE.finditer(source.code):
            yield source.finding(
                match.start(), "pure-core",
                f"{match.group()}: the core owns no clock, thread, socket or chance, or the "
                "simulator cannot replay it; ask the platform (freshet/platform.h)")


def check_include(tree, source, match):
    quoted, name = match.group(1) == '"', match.group(2)
    at = match.start(2)
    if source.path.startswith(ENGINE):
        yield from check_engine(tree, source, quoted, name, at)
    if is_pure(source) and CORE_IMPURE_INCLUDE.match(name):
        yield source.finding(at, "pure-core", f"<{name}> in the core: sockets and threads are the "
                                              "platform's; ask it through freshet/platform.h")
    if not quoted:
        if source.path.startswith("sdk/include/") and re.search(r"/|\.hpp$", name):
            yield source.finding(at, "layers", f"<{name}>: the SDK is the standard library alone, so "
                                               "that a plugin author needs nothing else")
        return
    own, may, way_out = home_of(source.path)
    targets = tree.headers_named(name)
    allowed = [path for path in targets if path.startswith((own, "sdk/include/"))]
    if targets and not allowed:
        yield source.finding(at, "layers", f'"{name}" is {targets[0]}: {may}; {way_out}')
    elif not targets and source.path.startswith("sdk/"):
        yield source.finding(at, "layers", f'"{name}" is no header of the SDK, and an installed SDK '
                                           "has no other")


def check_engine(tree, source, quoted, name, at):
    if name in ENGINE_MAY:
        return
    if quoted:
        stranger = not any(path.startswith(ENGINE) for path in tree.headers_named(name))
    else:
        stranger = re.search(r"/|\.h(pp)?$", name)
    if stranger:
        yield source.finding(
            at, "layers", f"{name}: the engine is a library people use without a server, so it takes "
            f"the standard library and {', '.join(sorted(ENGINE_MAY))} only; what it lacks belongs "
            "into its caller, native_crdt.cc")


def home_of(path):
    """The folder whose headers a file may include beside the SDK's, the rule, and the way out."""
    top = path.split("/")[0]
    if top == "sdk":
        return "sdk/", "the SDK includes nothing but itself", "move what is shared into the SDK"
    if top == "plugins":
        own = "/".join(path.split("/")[:2]) + "/"
        return (own, "a plugin includes the SDK and its own folder, never the core or another plugin",
                "call it through a service of freshet/abi.h")
    return (top + "/", f"{top} includes the SDK and itself, never a plugin",
            "call it through a service of freshet/abi.h")

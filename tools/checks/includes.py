"""Who includes whom within one component: never in a ring, and lower folders never higher ones.

A header and the body of its name are one thing here: what the body includes, the header needs.
"""
import dataclasses
import functools
import os
import re

from .layers import INCLUDE

# A component's folders, the lowest first. Those of one line stand beside each other, and neither
# includes the other. A folder that is not there yet is no error, one that is not here is.
ORDER = {
    "core": ["report", "signing", "config", "rates", "host", "loop", "memory", "request", "identity", "presence", "store", "cluster",
             "apps",
             "windows", "residence", "audience", "sharing", "submissions", "rooms", "shards", "offered", "live", "http", "server", "guard", "cli check"],
    "plugins/crdt-native/engine": ["items", "values", "format", "lists", "tree", "encode", "edit",
                                   "replica", "api"],
}


@dataclasses.dataclass(frozen=True)
class Include:
    source: object  # a Source
    at: int
    target: str     # a path

    @property
    def line(self):
        return self.source.line_of(self.at)

    def __str__(self):
        return f"{self.source.path}:{self.line} includes {self.target}"


def component_of(path):
    """The folder of what is built, tested and read as one; None: of none of them."""
    if path.startswith(("plugins/crdt-native/engine/", "plugins/crdt-native/include/")):
        return "plugins/crdt-native/engine"
    if path.startswith("plugins/") and path.count("/") >= 2:
        return "/".join(path.split("/")[:2])
    return path.split("/")[0] if path.startswith(("core/", "sdk/")) else None


def is_installed(path):
    return "/include/" in path


def stem_of(path):
    return os.path.splitext(os.path.basename(path))[0]


class Graph:
    """The includes within each component."""

    def __init__(self, tree):
        self.tree = tree
        self.includes = [include for source in tree.sources if source.is_code and
                         component_of(source.path) for include in self.includes_of(source)]

    def includes_of(self, source):
        for match in INCLUDE.finditer(source.code_with_strings):
            target = self.meant(source, match.group(2)) if match.group(1) == '"' else None
            if target and target != source.path:
                yield Include(source, match.start(2), target)

    def meant(self, source, name):
        """The header of its own component that a file means by `name`, if it is one of those."""
        beside = os.path.normpath(os.path.join(os.path.dirname(source.path), name))
        paths = [path for path in self.tree.headers_named(name)
                 if component_of(path) == component_of(source.path)]
        return beside if beside in paths else min(paths, key=len, default=None)

    @functools.cached_property
    def installed(self):
        return {(component_of(path), stem_of(path)): path for path in self.tree.headers
                if component_of(path) and is_installed(path)}

    def node(self, path):
        """What a file is a part of: its header's path, or its own when it has none."""
        own = os.path.splitext(path)[0] + ".h"
        if path == own or own in self.tree.by_path:
            return own
        return self.installed.get((component_of(path), stem_of(path)), path)


def cycles(tree):
    graph = Graph(tree)
    arrows = {}
    for include in graph.includes:
        start, end = graph.node(include.source.path), graph.node(include.target)
        if start != end:
            arrows.setdefault(start, {}).setdefault(end, []).append(include)
    for ring in rings({start: list(ends) for start, ends in arrows.items()}):
        edges = [include for start in sorted(ring) for end in sorted(ring)
                 for include in arrows[start].get(end, [])]
        names = ", ".join(stem_of(path) for path in sorted(ring))
        listed = "\n".join(f"    {edge}" for edge in edges)
        yield edges[0].source.finding(
            edges[0].at, "cycle", f"{len(ring)} of {component_of(edges[0].target)} need each other in "
            f"a ring ({names}), so none of them can be read, tested or moved without the rest: hand "
            f"in what is needed, or put the interface below both and its implementation above\n{listed}")


def rings(arrows):
    """The strongly connected sets of more than one node (Tarjan's algorithm, without recursion)."""
    number, low, stack, on_stack = {}, {}, [], set()
    for root in sorted(arrows):
        if root in number:
            continue
        walk = [(root, None)]
        while walk:
            node, ends = walk.pop()
            if ends is None:
                number[node] = low[node] = len(number)
                stack.append(node)
                on_stack.add(node)
                ends = iter(sorted(arrows.get(node, [])))
            for end in ends:
                if end not in number:
                    walk += [(node, ends), (end, None)]
                    break
                if end in on_stack:
                    low[node] = min(low[node], low[end])
            else:
                if walk:
                    low[walk[-1][0]] = min(low[walk[-1][0]], low[node])
                if low[node] == number[node]:
                    at = stack.index(node)
                    ring, stack[at:] = stack[at:], []
                    on_stack.difference_update(ring)
                    if len(ring) > 1:
                        yield ring


def folder_order(tree, order=None):
    graph = Graph(tree)
    for component, lines in (order or ORDER).items():
        floors = {folder: floor for floor, line in enumerate(lines) for folder in line.split()}
        yield from unordered(tree, component, floors)
        for include in graph.includes:
            if component_of(include.target) != component or include.source.is_test:
                continue
            lower, higher = (folder_in(component, graph, path) for path in
                             (include.source.path, include.target))
            if lower != higher and floors.get(lower, len(lines)) <= floors.get(higher, -1):
                where = "beside" if floors[lower] == floors[higher] else "above"
                yield include.source.finding(
                    include.at, "folder-order", f"{include.target} stands in {higher}, which is {where} "
                    f"{lower} ({' < '.join(lines)}): hand in what is needed, or put the interface into "
                    f"{lower} and leave its implementation where it is")


def folder_in(component, graph, path):
    """The folder of the component that a file, or for an installed header its body, lies in."""
    if is_installed(path):
        path = next((body for body in graph.tree.by_path
                     if body.startswith(component + "/") and graph.node(body) == path), path)
    rest = path[len(component) + 1:] if path.startswith(component + "/") else ""
    return rest.split("/")[0] if "/" in rest else ""


def unordered(tree, component, floors):
    """Folders of which nobody has said where they stand; and, once every folder is there, headers
    that lie beside them all."""
    seen, loose = {}, []
    for source in tree.sources:
        rest = re.sub("^" + re.escape(component) + "/", "", source.path)
        if rest == source.path or not source.is_code or source.is_test:
            continue
        folder, slash, _ = rest.partition("/")
        if slash:
            seen.setdefault(folder, source)
        elif source.path.endswith(".h"):
            loose.append(source)
    for folder in sorted(seen.keys() - floors.keys()):
        yield seen[folder].finding(0, "folder-order", f"{component}/{folder} stands nowhere in the order "
                                   "of folders: say in tools/checks/includes.py what it may include")
    if floors.keys() <= seen.keys():
        for source in loose:
            yield source.finding(0, "folder-order", f"a header beside the folders of {component} is above "
                                 "and below all of them: move it into the one it belongs to")

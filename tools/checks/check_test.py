"""tools/check finds what it should, leaves alone what it should, and says what to do about it."""
import os
import sys
import tempfile
import unittest
from unittest import mock

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from checks import classes, folders, headers, includes, kept, layers, memory, settings, shape  # noqa: E402
from checks.declarations import Reader  # noqa: E402
from checks.tree import Source, Tree, read_allowed, unused_entries  # noqa: E402
from dev import tidy  # noqa: E402

HEADERS = ["sdk/include/freshet/abi.h", "sdk/include/freshet/result.h", "core/rooms/room.h",
           "plugins/store-sqlite/file.h", "plugins/auth-jwt/keys.h",
           "plugins/crdt-native/engine/doc.h", "plugins/crdt-native/glue.h"]


def found(path, text):
    """[(rule, line, message)] of one file in a small tree."""
    source = Source(path, text)
    tree = Tree([source] + [Source(name, "") for name in HEADERS if name != path])
    results = [*layers.check(tree, source), *shape.check(source)]
    if path.startswith("plugins/"):
        results += settings.unread(tree, "/".join(path.split("/")[:2]))
    return [(finding.rule, finding.line, finding.message) for finding in results]


class Findings(unittest.TestCase):
    def one(self, path, text, rule, words, line=1):
        results = found(path, text)
        self.assertEqual([(rule, line)], [result[:2] for result in results], results)
        self.assertIn(words, results[0][2])

    def none(self, path, text):
        self.assertEqual([], found(path, text))


class Layers(Findings):
    def test_the_sdk_includes_only_itself_and_the_standard_library(self):
        self.one("sdk/include/freshet/x.h", '#include "core/rooms/room.h"\n', "layers", "SDK includes nothing")
        self.one("sdk/include/freshet/x.h", "#include <boost/dll.hpp>\n", "layers", "standard library")
        self.one("sdk/include/freshet/x.h", '#include "sqlite3.h"\n', "layers", "no header of the SDK")
        self.none("sdk/include/freshet/x.h", '#include <span>\n#include "freshet/result.h"\n')

    def test_the_core_includes_no_plugin(self):
        self.one("core/a.cc", '#include "plugins/auth-jwt/keys.h"\n', "layers", "never a plugin")
        self.none("core/a.cc", '#include "core/rooms/room.h"\n#include "freshet/abi.h"\n#include "room.h"\n')

    def test_a_plugin_includes_neither_the_core_nor_another_plugin(self):
        self.one("plugins/auth-jwt/a.cc", '\n#include "core/rooms/room.h"\n', "layers", "through a service", 2)
        self.one("plugins/auth-jwt/a.cc", '#include "store-sqlite/file.h"\n', "layers", "another plugin")
        self.none("plugins/auth-jwt/a.cc", '#include "keys.h"\n#include <sodium.h>\n')

    def test_the_engine_takes_four_headers_of_the_sdk(self):
        engine = "plugins/crdt-native/engine/a.cc"
        self.one(engine, '#include "freshet/abi.h"\n', "layers", "without a server")
        self.one(engine, "#include <boost/asio.hpp>\n", "layers", "standard library")
        self.none(engine, '#include "freshet/result.h"\n#include <vector>\n#include "engine/doc.h"\n')

    def test_tests_may_include_anything(self):
        self.none("tests/unit/a.cc", '#include "core/rooms/room.h"\n#include "plugins/auth-jwt/keys.h"\n')

    def test_a_comment_includes_nothing(self):
        self.none("core/a.cc", '// #include "plugins/auth-jwt/keys.h"\n')

    def test_the_core_has_no_clock_thread_or_socket(self):
        self.one("core/a.cc", "auto now = std::chrono::steady_clock::now();\n", "pure-core", "platform")
        self.one("core/a.cc", "std::thread t;\n", "pure-core", "simulator")
        self.one("core/a.cc", "#include <boost/asio/io_context.hpp>\n", "pure-core", "platform")
        self.none("plugins/platform-ws/a.cc", "std::thread t;\n")
        self.none("core/cli/a.cc", "std::thread t;\n")


class Shape(Findings):
    def test_vague_names(self):
        self.one("core/a.h", "class RoomManager {};\n", "name", "noun of the domain")
        self.one("core/a.h", "struct HelperBase; struct HttpHelper final : X {};\n", "name", "HttpHelper")
        self.one("core/utils.h", "\n", "name", "name the thing")
        self.none("core/a.h", "class Rooms {}; // not a RoomManager\n")

    def test_long_files_and_functions(self):
        self.one("core/a.cc", "int x;\n" * 601, "file-size", "601 lines")
        self.none("core/a.cc", "int x;\n" * 600)
        body = "  x();\n" * 79
        self.one("core/a.cc", f"namespace a {{\nvoid f(int b) {{\n{body}}}\n}}\n", "function-size",
                 "81 lines", 2)
        self.none("core/a.cc", f"namespace a {{\nvoid f(int b) {{\n{body[7:]}}}\n}}\n")
        self.none("core/a.cc", f"struct A {{\n{body}}};\nconst int t[] = {{\n{body}}};\n")
        self.one("core/a.cc", "struct A {\n A() : b_{1}, c_(2) {\n" + body + "}\n};\n",
                 "function-size", "name its steps", 2)

    def test_a_brace_in_a_string_or_a_number_with_a_quote_confuses_nobody(self):
        self.none("core/a.cc", 'void f() { g("}{"); h(\'{\'); i(1\'000, R"(}}})"); }\n' * 90)

    def test_sharing_throwing_and_locking(self):
        self.one("core/a.cc", "std::shared_ptr<int> p;\n", "shared-ptr", "one owner")
        self.one("plugins/platform-ws/a.cc", "std::shared_ptr<int> p;\n", "shared-ptr", "one owner")
        self.one("core/a.cc", "void f() { throw 1; }\n", "exceptions", "Status")
        self.none("tests/unit/a.cc", "void f() { throw 1; }\n")
        self.one("core/a.cc", "std::mutex m;\n", "lock", "post")

    def test_an_empty_catch_even_in_a_test(self):
        self.one("tests/unit/a.cc", "void f() { try { g(); } catch (...) { /* oh */ } }\n",
                 "empty-catch", "swallowed")
        self.none("tests/unit/a.cc", "void f() { try { g(); } catch (...) { log(); } }\n")

    def test_promises_without_a_number(self):
        self.one("docs/a.md", "TO" "DO: later\n", "undone", "issue")
        self.none("docs/a.md", "TO" "DO(#12): later\n")

    def test_paths_of_one_machine(self):
        self.one("docs/a.md", "see /wor" "k/shared/x\n", "machine-path", "relative")
        self.none("docs/a.md", "see ../wor" "k/x and net/wor" "k/x\n")


def tree_of(files):
    return Tree([Source(path, text) for path, text in files.items()])


def in_tree(check, files):
    """[(place, message)] of a whole tree."""
    return [(f"{finding.path}:{finding.line}", finding.message) for finding in check(tree_of(files))]


class Settings(Findings):
    def test_one_that_nobody_reads(self):
        declared = 'constexpr auto s = setting::integer("idle_ms", "1", 0, 9, "ms", "Idle.");\n'
        self.one("plugins/auth-jwt/a.cc", declared, "unread-setting", '"idle_ms"')
        self.none("plugins/auth-jwt/a.cc", declared + 'auto x = host.integer("idle_ms");\n')

    def test_one_that_no_page_tells_of(self):
        code = Source("core/config/manifest.cc", 'x(setting::text("log", "")); bytes(&Limits::a, "bytes_a");\n')
        rules = [finding.rule for finding in settings.untold(Tree([code]))]
        self.assertEqual(["untold-setting"] * 2, rules)
        told = Tree([code, Source("docs/operations.md", "`log` and `bytes_a`\n")])
        self.assertEqual([], list(settings.untold(told)))

    def test_a_time_or_a_size_says_its_unit_last(self):
        def keys(code):
            return [finding.message.split('"')[1] for finding in settings.units(Tree([Source("plugins/a/a.h", code)]))]
        self.assertEqual(["drain"], keys('setting::integer("drain", "20 s", f(1, 2), 9, "ms", "At, most."),\n'))
        self.assertEqual(["cache"], keys('setting::integer(\n    "cache", "1 MiB", 0, 9, "bytes",\n    "M.")'))
        self.assertEqual([], keys('setting::integer("drain_ms", "20 s", 0, 9, "ms", "x"), '
                                  'setting::integer("held", "1", 0, 9, nullptr, "No \\"ms\\".")'))
        self.assertEqual(["linger", "batch"],
                         keys('time(&Limits::linger, "linger", 0, 9, "x"), bytes(&Limits::b, "batch", 0, 9, "x"), '
                              'time(&Limits::a_ms, "a_ms", 0, 9, "x"), count(&Limits::rooms, "rooms", 1, 9, "x")'))


class Cycles(unittest.TestCase):
    def test_a_ring_names_each_of_its_includes(self):
        found = in_tree(includes.cycles, {
            "core/a.h": '#include "core/b.h"\n', "core/b.h": "\n", "core/b.cc": '\n#include "core/a.h"\n',
            "core/c.h": '#include "core/a.h"\n#include "core/b.h"\n'})
        self.assertEqual(["core/a.h:1"], [place for place, _ in found])
        self.assertIn("2 of core", found[0][1])
        self.assertIn("core/a.h:1 includes core/b.h\n    core/b.cc:2 includes core/a.h", found[0][1])
        self.assertNotIn("core/c.h", found[0][1])

    def test_two_rings_are_two_findings_and_a_long_one_is_one(self):
        ring = {f"core/r{n}.h": f'#include "core/r{(n + 1) % 5}.h"\n' for n in range(5)}
        pair = {"plugins/x/a.h": '#include "b.h"\n', "plugins/x/b.h": '#include "x/a.h"\n'}
        found = in_tree(includes.cycles, {**ring, **pair})
        self.assertEqual(["5 of core", "2 of plugins/x"],
                         [message.split(" need")[0] for _, message in found])
        self.assertEqual(5, found[0][1].count(" includes "))

    def test_a_header_and_its_body_are_one_and_so_is_an_installed_one(self):
        none = {"core/a.cc": '#include "a.h"\n#include "core/b.h"\n', "core/a.h": "",
                "core/b.h": "", "core/b.cc": '#include "b.h"\n'}
        self.assertEqual([], in_tree(includes.cycles, none))
        shown, engine = "plugins/crdt-native/include/freshet/crdt/doc.h", "plugins/crdt-native/engine/"
        ring = {shown: "", engine + "replica.h": '#include "freshet/crdt/doc.h"\n',
                engine + "doc.cc": '#include "replica.h"\n'}
        self.assertEqual(1, len(in_tree(includes.cycles, ring)))
        # There it is the body of a header of its own.
        self.assertEqual([], in_tree(includes.cycles, {**ring, engine + "doc.h": ""}))

    def test_components_are_no_ring_together_and_comments_and_the_system_include_nothing(self):
        self.assertEqual([], in_tree(includes.cycles, {
            "core/a.h": '#include "freshet/b.h"\n', "sdk/include/freshet/b.h": '// #include "c.h"\n',
            "sdk/include/freshet/c.h": '#include "b.h"\n',
            "core/limits.h": "#include <limits.h>\n"}))

    def test_the_header_beside_a_file_comes_before_another_of_its_name(self):
        self.assertEqual([], in_tree(includes.cycles, {
            "core/a/x.h": '#include "y.h"\n', "core/a/y.h": "",
            "core/b/y.h": '#include "core/a/x.h"\n'}))


class FolderOrder(unittest.TestCase):
    ORDER = {"core": ["low", "left right", "top"]}

    def found(self, files):
        return in_tree(lambda tree: includes.folder_order(tree, self.ORDER), files)

    def test_a_lower_folder_includes_no_higher_one_and_none_beside_it(self):
        files = {"core/low/a.h": "", "core/left/b.h": '\n#include "core/low/a.h"\n',
                 "core/right/c.h": "",
                 "core/top/d.h": '#include "core/right/c.h"\n#include "core/left/b.h"\n'}
        self.assertEqual([], self.found(files))
        up = self.found({**files, "core/low/a.cc": '\n#include "core/top/d.h"\n'})
        self.assertEqual(["core/low/a.cc:2"], [place for place, _ in up])
        self.assertIn("top, which is above low (low < left right < top)", up[0][1])
        across = self.found({**files, "core/right/c.cc": '#include "core/left/b.h"\n'})
        self.assertIn("left, which is beside right", across[0][1])

    def test_what_has_not_moved_yet_and_tests_may_include_all(self):
        self.assertEqual([], self.found({
            "core/top/d.h": '#include "core/flat.h"\n', "core/low/a.h": '#include "core/flat.h"\n',
            "core/flat.h": '#include "core/top/d.h"\n',
            "core/tests/low/a_test.cc": '#include "core/top/d.h"\n'}))

    def test_a_folder_of_which_nobody_said_where_it_stands(self):
        found = self.found({"core/new/a.h": "", "core/low/b.h": ""})
        self.assertEqual(["core/new/a.h:1"], [place for place, _ in found])
        self.assertIn("nowhere in the order", found[0][1])

    def test_a_header_left_over_when_every_folder_is_there(self):
        files = {f"core/{name}/a.h": "" for name in ["low", "left", "right", "top"]}
        self.assertEqual([], self.found({**files, "core/main.cc": ""}))
        self.assertEqual(["core/b.h:1"], [place for place, _ in self.found({**files, "core/b.h": ""})])

    def test_an_installed_header_stands_where_its_body_does(self):
        engine, shown = "plugins/crdt-native/engine/", "plugins/crdt-native/include/freshet/crdt/doc.h"
        found = in_tree(includes.folder_order, {
            shown: "", engine + "api/doc.cc": '#include "freshet/crdt/doc.h"\n',
            engine + "tree/tree.h": '#include "freshet/crdt/doc.h"\n'})
        self.assertEqual([engine + "tree/tree.h:1"], [place for place, _ in found])

    def test_the_order_names_each_folder_once(self):
        for lines in includes.ORDER.values():
            names = " ".join(lines).split()
            self.assertEqual(len(names), len(set(names)))


class FolderSize(unittest.TestCase):
    def test_headers_bodies_and_tests_are_counted(self):
        def found(count, name):
            files = {f"core/tests/{name}{n}.{'h' if n % 2 else 'cc'}": "" for n in range(count)}
            others = {"core/tests/meson.build": "", "core/tests/deeper/a.cc": ""}
            return in_tree(folders.sizes, {**files, **others})
        self.assertEqual([], found(20, "a"))
        self.assertIn("21 headers and sources", found(21, "a")[0][1])


class Bounds(unittest.TestCase):
    def found(self, line, path="core/rooms/room.cc"):
        return in_tree(folders.bounds, {path: line + "\n"})

    def test_what_calls_itself_the_most_there_may_be_is_a_limit(self):
        for line in ["constexpr size_t kMaxActs = 1'000;",
                     "static constexpr std::uint64_t kMaxBytes{1 << 20};",
                     "inline constexpr uint32_t kListMax = 10'000;",
                     "constexpr size_t kMaxX = size_t{1} << 30;",
                     "constexpr int64_t kMaxExpires = 3650 * kDay;",
                     "constexpr size_t kRetryMaxMs =\n  500;"]:
            self.assertEqual(1, len(self.found(line)), line)

    def test_limits_stand_in_limits_h_and_tests_and_the_sdk_have_their_own(self):
        for path in ["core/rooms/limits.h", "core/tests/rooms/room_test.cc", "sdk/include/freshet/plugin.h"]:
            self.assertEqual([], self.found("constexpr size_t kMaxActs = 1'000;", path))

    def test_the_end_of_a_type_or_a_limit_under_another_name_is_no_choice(self):
        for line in ["constexpr uint64_t kMaxClient = (uint64_t{1} << 53) - 1;",
                     "constexpr uint64_t kMaxClock = UINT32_MAX;",
                     "constexpr size_t kMaxPath = sizeof(x) - 1;",
                     "constexpr size_t kMaxHere = kMaxThere / 2;", "constexpr size_t kMaximalMunch = 3;",
                     "// constexpr size_t kMaxActs = 1'000;",
                     "constexpr std::string_view kMaxName = \"9\";",
                     "constexpr size_t kMaxima[] = {1, 2};", "const size_t kMaxActs = limits.acts;"]:
            self.assertEqual([], self.found(line), line)

    def test_a_header_that_is_taken_for_the_systems(self):
        def found(build, path="plugins/a/limits.h"):
            files = {path: "\n", "plugins/a/meson.build": build, "plugins/a/a.cc": "\n"}
            return [place for place, _ in in_tree(folders.hiding, files)]
        open_to_all = "x = executable('a', files('a.cc'))\n"
        self.assertEqual(["plugins/a/meson.build:1"], found(open_to_all))
        self.assertEqual(["plugins/a/meson.build:2"], found("\nshared_module('a', 'a.cc')\n"))
        self.assertEqual([], found("x = executable('a', files('a.cc'), implicit_include_directories: false)\n"))
        self.assertEqual([], found(open_to_all, path="plugins/a/bounds.h"))
        self.assertEqual([], found(open_to_all, path="plugins/a/b/limits.h"))


class Declarations(unittest.TestCase):
    def functions(self, code):
        return [function.full_name for function in Reader(Source("core/a.h", code).code).functions]

    def in_classes(self, code):
        return {"::".join(one.scope): [function.name for function in one.functions]
                for one in Reader(Source("core/a.h", code).code).classes}

    def test_members_are_told_from_what_looks_like_them(self):
        self.assertEqual({"A": ["f", "g", "h", "i", "k", "l"]}, self.in_classes("""
            class A final : public B<C(int)>, D {
             public:
              std::function<void(int)> one_;       // no function
              void (*two_)(int) = nullptr;
              int (A::*three_)() = nullptr;
              alignas(64) int four_;
              decltype(x()) five_{0};
              std::array<int, sizeof(int)> six_ = make(7);
              static_assert(sizeof(int) == 4);
              using F = void(int);
              typedef int G(int);
              friend void stranger(A&);
              enum class E { a, b };
              friend bool operator==(const A&, const A&) { return true; }
              [[nodiscard]] int f(int a = g(1), Options o = {}) const;
              virtual auto g() const -> std::pair<int, int> = 0;
              template <class T, std::enable_if_t<(sizeof(T) > 4), int> = 0>
              static constexpr T h(T t) noexcept(noexcept(t())) { if (t) { return 1; } return T{}; }
             private: int i() { return "}{"[0]; }
              decltype(auto) k();
              alignas(int) int l();
            };"""))

    def test_constructors_operators_and_their_like(self):
        names = self.in_classes("""
            struct A {
              explicit A(int a) : a_{a}, b_(a), c_{[] { return 1; }()} { f(); }
              A(A&&) noexcept : B{}, a_{} {}
              A(const A&) = delete;
              ~A();
              A& operator=(const A&) = default;
              bool operator()(int) const;
              bool operator<(const A&) const { return false; }
              auto operator<=>(const A&) const = default;
              operator bool() const { return a_; }
              int& operator[](int i);
              int a_{0}, b_ = {1};
            };""")["A"]
        self.assertEqual(["A", "A", "A", "~A", "operator=", "operator()", "operator<", "operator<=>",
                          "operatorbool", "operator[]"], names)

    def test_classes_within_classes_keep_their_own(self):
        self.assertEqual({"n::m::A": ["f"], "n::m::A::B": ["g", "h"], "n::m::A::?": []}, self.in_classes("""
            namespace n { namespace m {
            class A { struct B { void g(); void h() {} } b_; union { int x; float y; }; void f(); };
            class Forward; struct Other* make(int);
            } }"""))

    def test_free_functions_and_definitions_know_their_full_names(self):
        self.assertEqual(["a::b::f", "a::b::R::g", "a::b::R::H::i", "a::b::?::j", "a::b::S::k", "c", "R::~R"],
                         self.functions("""
            #define MACRO(x) { x
            namespace a::b {
            constexpr int kTable[] = {1, 2};
            const auto kMade = [] { return call(1); }();
            Result<std::vector<int>> f(int);
            int R::g(int x) { for (int i = 0; i < x; ++i) { h(); } return 1'000; }
            R::H::Inner* R::H::i() const { return nullptr; }
            namespace { void j() {} }
            template <class T> void S<T>::k(T) {}
            }
            extern "C" { void c(void); }
            R::~R() = default;"""))


class KeptMemory(unittest.TestCase):
    HEADER = "\nclass A {\n  std::vector<uint8_t> bytes_;\n  std::string name_;\n  std::optional<int> one_;\n};\n"

    def found(self, body):
        return in_tree(memory.kept, {"core/a.h": self.HEADER, "core/a.cc": f'#include "core/a.h"\n{body}\n'})

    def test_an_empty_list_leaves_a_container_all_it_has(self):
        found = self.found("void A::f() {\n  if (x) bytes_ = {};\n  other->name_ = {};\n}")
        self.assertEqual(["core/a.cc:3", "core/a.cc:4"], [place for place, _ in found])
        self.assertIn("release_memory()", found[0][1])

    def test_what_owns_no_memory_may_be_emptied_so(self):
        self.assertEqual([], self.found("void A::f() {\n  one_ = {};\n  bytes_.clear();\n  std::string s = {};\n}"))


class ClassSize(unittest.TestCase):
    def found(self, body):
        return in_tree(classes.sizes, {"core/a.h": f"\nclass A {{\n{body}\n}};\n"})

    def test_forty_functions_are_enough(self):
        forty = "".join(f"  void f{n}(int);\n" for n in range(40))
        rest = ("  A(const A&) = delete;\n  A() = default;\n  friend void g();\n  int x_;\n"
                "  struct B { void h(); };\n  std::function<void()> later_;\n")
        self.assertEqual([], self.found(forty + rest))
        found = self.found(forty + rest + "  explicit A(int);\n")
        self.assertEqual(["core/a.h:2"], [place for place, _ in found])
        self.assertIn("A has 41 functions", found[0][1])

    def test_overloads_and_templates_count_as_they_are_written(self):
        two = "  template <class T> void f(T);\n  bool operator==(int);\n"
        self.assertEqual(1, len(self.found(two * 21)))


class BodyNames(unittest.TestCase):
    ROOM = ("namespace n {\nclass Room {\n  void join(int);\n  static int count();\n};\n"
            "void open(Room&);\n}\n")
    BODY = "namespace n {\nvoid open(Room&) {}\nvoid Room::join(int) {}\n}\n"

    def found(self, files):
        return in_tree(classes.bodies, {"core/room.h": self.ROOM, **files})

    def test_what_a_header_declares_is_defined_in_the_body_of_its_name(self):
        for path in ["core/room.cc", "core/room_acts.cc"]:
            self.assertEqual([], self.found({path: self.BODY}))
        found = self.found({"core/link.cc": self.BODY})
        self.assertEqual(["core/link.cc:2"], [place for place, _ in found])
        self.assertIn("declared in core/room.h and defined here: n::open, Room::join", found[0][1])

    def test_a_body_with_a_header_of_its_own_has_a_noun_of_its_own(self):
        body = {"core/room_table.cc": "void n::Room::join(int) {}\n"}
        self.assertEqual([], self.found(body))
        self.assertEqual(1, len(self.found({**body, "core/room_table.h": ""})))

    def test_the_folder_of_a_header_s_name_and_no_other(self):
        files = {"core/room/room.h": "struct R { void f(); };\n"}
        body = {"core/room/leave.cc": "void R::f() {}\n"}
        self.assertEqual([], self.found({**files, **body}))
        self.assertEqual(1, len(self.found({**files, **body, "core/room/leave.h": ""})))
        self.assertEqual(1, len(self.found({**files, "core/shard/room.cc": "void R::f() {}\n"})))

    def test_an_installed_header_s_body_bears_its_name_wherever_it_is(self):
        engine, shown = "plugins/crdt-native/engine/", "plugins/crdt-native/include/freshet/crdt/undo.h"
        files = {shown: "class Undo { ~Undo(); };\n"}
        body = "Undo::~Undo() = default;\n"
        self.assertEqual([], self.found({**files, engine + "api/undo.cc": body}))
        self.assertEqual(1, len(self.found({**files, engine + "undo_history.cc": body})))

    def test_overloads_local_functions_and_other_components_are_no_strangers(self):
        self.assertEqual([], self.found({
            "core/shard.h": "namespace n { void open(Shard&); }\n",
            "core/shard.cc": "namespace n { void open(Shard&) {} }\n",
            "core/link.cc": "namespace n { namespace { void open(Room&) {} }\nstatic void open(int) {}\n"
                            "void opened() { open(1); } }\n",
            "plugins/x/a.cc": "namespace n { void open(Room&) {} }\n"}))

    def test_what_has_its_body_in_the_header_is_at_home(self):
        self.assertEqual([], self.found({
            "core/fast.h": "struct F { int slow(); int quick() { return 1; } };\n"
                           "inline int F::slow() { return 2; }\n"}))


class Exceptions(unittest.TestCase):
    def read(self, text):
        with tempfile.NamedTemporaryFile("w", suffix=".allow") as file:
            file.write(text)
            file.flush()
            return read_allowed(file.name)

    def test_an_exception_covers_its_rule_and_path_and_says_why(self):
        entries = self.read("# head\nlock core/*.cc  # the one queue\n")
        finding = Source("core/a.cc", "x").finding(0, "lock", "m")
        self.assertEqual(1, len(unused_entries(entries)))
        self.assertTrue(entries[0].covers(finding))
        self.assertFalse(entries[0].covers(Source("sdk/a.cc", "x").finding(0, "lock", "m")))
        self.assertEqual([], unused_entries(entries))
        self.assertEqual([], unused_entries(self.read("cycle a  # b\n"), {"cycle"}))
        with self.assertRaises(SystemExit):
            self.read("lock core/*.cc\n")


class Tidy(unittest.TestCase):
    SOURCES = {f"core/{n:03}.cc" for n in range(100)}

    def test_what_changed_last_comes_first_and_the_others_in_turn(self):
        changed = [f"core/{n:03}.cc" for n in range(90, 60, -1)]
        picked = tidy.choice(self.SOURCES, changed, 0)
        self.assertEqual(changed[:tidy.CHANGED_MAX], picked[:tidy.CHANGED_MAX])
        self.assertEqual(tidy.FILES_MAX, len(set(picked)))
        self.assertEqual("core/000.cc", picked[tidy.CHANGED_MAX])

    def test_a_row_of_commits_looks_at_everything(self):
        seen = set()
        for turn in range(1000, 1013):
            seen.update(tidy.choice(self.SOURCES, ["core/001.cc"] * 20, turn))
        self.assertEqual(self.SOURCES, seen)

    def test_a_small_tree_is_looked_at_whole(self):
        self.assertEqual({"a", "b"}, set(tidy.choice({"a", "b"}, [], 7)))
        self.assertEqual([], tidy.choice(set(), [], 7))


class Kept(unittest.TestCase):
    def test_verdicts_come_back_and_what_cannot_be_read_is_none(self):
        with tempfile.TemporaryDirectory() as folder, mock.patch.dict(os.environ, XDG_CACHE_HOME=folder):
            self.assertEqual({}, kept.read("a.json"))
            kept.write("a.json", {"core/a.h": ["1"]})
            self.assertEqual({"core/a.h": ["1"]}, kept.read("a.json"))
            self.assertEqual(["a.json"], os.listdir(os.path.join(folder, "freshet")))
            with open(kept.path_of("a.json"), "w", encoding="utf-8") as file:
                file.write("{")
            self.assertEqual({}, kept.read("a.json"))


class Headers(unittest.TestCase):
    def test_clang_tidy_reads_a_header_alone_that_comes_first_in_its_body(self):
        shown, body = "plugins/crdt-native/include/freshet/crdt/doc.h", "plugins/crdt-native/engine/doc.cc"
        tree = tree_of({
            "core/a.h": "", "core/a.cc": '// The body.\n#include "core/a.h"\n#include <vector>\n',
            "core/b.h": "", "core/b.cc": '#include <vector>\n#include "core/b.h"\n',
            "core/c.h": "", "core/other.cc": '#include "core/c.h"\n',
            "core/ad.h": "", "core/d.h": "", "core/d.cc": '#include "ad.h"\n#include "d.h"\n',
            "tests/sim/e.h": "", "tests/sim/e.cc": '#include "sim/e.h"\n',
            shown: "", body: '#include "freshet/crdt/doc.h"\n'})
        first = [path for path in tree.headers if headers.comes_first(tree, path)]
        self.assertEqual(["core/a.h", shown], first)

    def test_sources_that_are_compiled_together_are_told_apart(self):
        with tempfile.TemporaryDirectory() as folder:
            with open(os.path.join(folder, "x-unity0.cpp"), "w", encoding="utf-8") as file:
                file.write("#include</here/core/a.cc>\n#include</here/core/b.cc>\n")
            joined = headers.sources_of({"directory": folder, "file": "x-unity0.cpp"})
            alone = headers.sources_of({"directory": folder, "file": "../core/a.cc"})
        self.assertEqual(["/here/core/a.cc", "/here/core/b.cc"], joined)
        self.assertEqual([os.path.join(folder, "../core/a.cc")], alone)

    def test_a_header_that_needs_another_one_first_is_found(self):
        with tempfile.TemporaryDirectory() as folder:
            for name, text in {"good.h": "#include <vector>\nextern std::vector<int> x;\n",
                               "bad.h": "extern std::vector<int> x;\n"}.items():
                with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
                    file.write(text)
            good = headers.compile_alone(os.path.join(folder, "good.h"), "c++20", {}, {})
            bad = headers.compile_alone(os.path.join(folder, "bad.h"), "c++20", {}, {})
        self.assertIsNone(good[0])
        self.assertIn("error", bad[0])


if __name__ == "__main__":
    unittest.main()

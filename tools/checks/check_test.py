"""tools/check finds what it should, leaves alone what it should, and says what to do about it."""
import os
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from checks import headers, layers, shape  # noqa: E402
from checks.tree import Source, Tree, read_allowed, unused_entries  # noqa: E402

HEADERS = ["sdk/include/freshet/abi.h", "sdk/include/freshet/result.h", "core/rooms/room.h",
           "plugins/store-sqlite/file.h", "plugins/auth-jwt/keys.h",
           "plugins/crdt-native/engine/doc.h", "plugins/crdt-native/glue.h"]


def found(path, text):
    """[(rule, line, message)] of one file in a small tree."""
    source = Source(path, text)
    tree = Tree([source] + [Source(name, "") for name in HEADERS if name != path])
    results = [*layers.check(tree, source), *shape.check(source)]
    if path.startswith("plugins/"):
        results += shape.unread_settings(tree, "/".join(path.split("/")[:2]))
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
        self.none("plugins/platform-ws/a.cc", "std::shared_ptr<int> p;\n")
        self.one("core/a.cc", "void f() { throw 1; }\n", "exceptions", "Status")
        self.none("tests/unit/a.cc", "void f() { throw 1; }\n")
        self.one("core/a.cc", "std::mutex m;\n", "lock", "post")

    def test_an_empty_catch_even_in_a_test(self):
        self.one("tests/unit/a.cc", "void f() { try { g(); } catch (...) { /* oh */ } }\n",
                 "empty-catch", "swallowed")
        self.none("tests/unit/a.cc", "void f() { try { g(); } catch (...) { log(); } }\n")

    def test_a_literal_within_co_await(self):
        self.one("plugins/platform-ws/a.cc", "X f() { co_await open({.a = 1}); }\n", "co-await", "name")
        self.one("plugins/platform-ws/a.cc", "X f() { co_await run(\n  [x] { y(); }); }\n", "co-await",
                 "twice", 2)
        self.none("plugins/platform-ws/a.cc",
                  "X f() { if (co_await open(a[1])) { go(); } co_await b; auto c = [] {}; }\n")

    def test_promises_without_a_number(self):
        self.one("docs/a.md", "TO" "DO: later\n", "undone", "issue")
        self.none("docs/a.md", "TO" "DO(#12): later\n")

    def test_paths_of_one_machine(self):
        self.one("docs/a.md", "see /wor" "k/shared/x\n", "machine-path", "relative")
        self.none("docs/a.md", "see ../wor" "k/x and net/wor" "k/x\n")

    def test_settings_nobody_reads(self):
        declared = 'constexpr auto s = setting::integer("idle_ms", "1", 0, 9, "ms", "Idle.");\n'
        self.one("plugins/auth-jwt/a.cc", declared, "unread-setting", '"idle_ms"')
        self.none("plugins/auth-jwt/a.cc", declared + 'auto x = host.integer("idle_ms");\n')

    def test_settings_no_page_tells_of(self):
        code = Source("core/config/manifest.cc", 'x(setting::text("log", "")); bytes(&Limits::a, "bytes_a");\n')
        rules = [finding.rule for finding in shape.untold_settings(Tree([code]))]
        self.assertEqual(["untold-setting"] * 2, rules)
        told = Tree([code, Source("docs/operations.md", "`log` and `bytes_a`\n")])
        self.assertEqual([], list(shape.untold_settings(told)))


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
        with self.assertRaises(SystemExit):
            self.read("lock core/*.cc\n")


class Headers(unittest.TestCase):
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

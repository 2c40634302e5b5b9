// What the border costs: the engine through its table, as a server has it, beside the library that
// is behind it; and what the host's accounting of plugins adds to a call.
//
// `ratio` is what counts: both are measured in turns in one run. The rest is nanoseconds an update,
// or a call.
#include <benchmark/benchmark.h>
#include <dlfcn.h>

#include <cstdio>
#include <cstdlib>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "auth-jwt/jwt_auth.h"
#include "core/loop/plugin_function.h"
#include "core/report/in_plugin.h"
#include "freshet/crdt/doc.h"
#include "freshet/crdt/transaction.h"
#include "freshet/testing/created_plugin.h"
#include "turns.h"

namespace freshet::bench {
namespace {

using testing::Answer;
using testing::CreatedPlugin;
using testing::FakeHost;
using Updates = std::vector<std::vector<uint8_t>>;

[[noreturn]] void give_up(const std::string& why) {
  std::fprintf(stderr, "border-bench: %s\n", why.c_str());
  std::exit(1);
}

// ---- what is written

// `clients` people write in turns, each at the end, `letters` at a time.
Updates written(size_t count, uint64_t clients, const std::string& letters) {
  crdt::Doc doc;
  Updates out;
  for (size_t i = 0; i < count; ++i) {
    crdt::Transaction edit(doc, 1 + i % clients);
    const crdt::SharedType text = edit.root("text");
    std::vector<uint8_t>& update = out.emplace_back();
    if (edit.insert(text, edit.length(text), letters) != Status::ok || !edit.commit(update)) {
      give_up("cannot write");
    }
  }
  return out;
}

struct Shape {
  const char* name;
  Updates updates;
  bool loads;  // as a store's
};

Updates whole(const Updates& updates) {
  crdt::Doc doc;
  for (const auto& update : updates) {
    if (!doc.apply(update)) give_up("an update is refused");
  }
  Updates out(1);
  if (doc.diff({}, out[0]) != Status::ok) give_up("the document does not encode");
  return out;
}

const std::vector<Shape>& shapes() {
  static const std::vector<Shape> all = {
      {"typing", written(10'000, 1, "x"), false},
      {"many_people", written(10'000, 50, "x"), false},
      {"paste", written(500, 1, std::string(4'000, 'p')), false},
      {"load", whole(written(10'000, 50, "x")), true},
  };
  return all;
}

// ---- the engine, as a server loads it

class Engine {
 public:
  Engine() {
    library_ = ::dlopen(BORDER_ENGINE, RTLD_NOW | RTLD_LOCAL);
    if (library_ == nullptr) give_up(::dlerror());
    const auto entry =
        reinterpret_cast<freshet_plugin_entry_fn>(::dlsym(library_, FRESHET_PLUGIN_ENTRY));
    if (entry == nullptr) give_up("no plugin");
    plugin_.emplace(*entry());
    table_ = plugin_->service<freshet_crdt>(FRESHET_CRDT_ID);
  }
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  const freshet_crdt& table() const { return *table_; }

 private:
  void* library_ = nullptr;  // until the process ends
  std::optional<CreatedPlugin> plugin_;
  const freshet_crdt* table_ = nullptr;
};

// A document behind the table, anew for each round.
class Behind {
 public:
  explicit Behind(const freshet_crdt& table) : table_(table) { anew(); }
  ~Behind() { table_.doc_destroy(table_.self, doc_); }
  Behind(const Behind&) = delete;
  Behind& operator=(const Behind&) = delete;

  void anew() {
    if (doc_ != nullptr) table_.doc_destroy(table_.self, doc_);
    doc_ = table_.doc_create(table_.self);
  }
  void take(const Shape& shape) {
    const auto call = shape.loads ? table_.load : table_.apply;
    for (const auto& update : shape.updates) {
      freshet_applied applied{};
      applied.size = sizeof(applied);
      if (call(table_.self, doc_, FRESHET_UPDATE_V1, to_c(Bytes(update)), &applied) != FRESHET_OK) {
        give_up("the table refuses an update");
      }
    }
  }
  // The same, with each call marked as the host marks calls of plugins, should one crash.
  void take_marked(const Shape& shape) {
    const auto call = shape.loads ? table_.load : table_.apply;
    for (const auto& update : shape.updates) {
      freshet_applied applied{};
      applied.size = sizeof(applied);
      const InPlugin inside("crdt-native.apply");
      if (call(table_.self, doc_, FRESHET_UPDATE_V1, to_c(Bytes(update)), &applied) != FRESHET_OK) {
        give_up("the table refuses an update");
      }
    }
  }

 private:
  const freshet_crdt& table_;
  freshet_doc* doc_ = nullptr;
};

void through_the_table(benchmark::State& state, const Shape& shape, const Engine& engine) {
  Behind behind(engine.table());
  crdt::Doc doc;
  const auto prepare = [&] {
    behind.anew();
    doc = crdt::Doc();
  };
  Turns(state, "table", "library")
      .run(
          shape.updates.size(), prepare, [&] { behind.take(shape); },
          [&] {
            for (const auto& update : shape.updates) {
              if (!(shape.loads ? doc.load(update) : doc.apply(update))) give_up("refused");
            }
          });
}

void marked(benchmark::State& state, const Shape& shape, const Engine& engine) {
  Behind behind(engine.table());
  Turns(state, "marked", "bare")
      .run(
          shape.updates.size(), [&] { behind.anew(); }, [&] { behind.take_marked(shape); },
          [&] { behind.take(shape); });
}

// ---- a call that answers

class Silent final : public Log {
 public:
  void write(freshet_level, std::string_view, std::string_view) override {}
};

// All that is counted of a call that answers later: the mark, the histogram, what failed. The
// cheapest call of our plugins that a person waits for: a token, to a name.
void counted(benchmark::State& state) {
  constexpr size_t kCalls = 200;
  FakeHost host(jwt::JwtAuth::kAbout.settings);
  host.set("secret", "a secret of the benchmarks, and a long one");
  auto made = make_plugin<jwt::JwtAuth>(host.host());
  if (!made) give_up("no auth: " + host.log());
  const Bound<Auth> bound(static_cast<Auth&>(**made), host.host());
  const freshet_auth& auth = *bound.table();
  Answer minted;
  auth.mint(auth.self,
            to_c(std::string_view(R"({"user":{"id":"ann"},"room":"room","exp":4000000000})")),
            minted.reply());
  if (minted.wait() != Status::ok) give_up("no token: " + host.log());
  const std::string token = minted.find(FRESHET_AUTH_TOKEN)->text();

  freshet_auth_request request{};
  request.size = sizeof(request);
  request.token = to_c(std::string_view(token));
  request.room = to_c(std::string_view("room"));
  request.unix_ms = 1'700'000'000'000;
  const auto ask = [&] {
    Answer answer;
    auth.identify(auth.self, &request, answer.reply());
    if (answer.wait() != Status::ok) give_up("the token is refused: " + host.log());
  };

  Silent log;
  Metrics metrics;
  PluginFunction function(metrics, log, "auth-jwt", "identify", {Status::ok});
  uint64_t now_ms = 0;
  Turns(state, "counted", "bare")
      .run(
          kCalls, [] {},
          [&] {
            for (size_t i = 0; i < kCalls; ++i) {
              const InPlugin inside(function.name().c_str());
              ask();
              function.answered(Status::ok, i % 3, ++now_ms, "");
            }
          },
          [&] {
            for (size_t i = 0; i < kCalls; ++i) ask();
          });
}

}  // namespace
}  // namespace freshet::bench

int main(int argc, char** argv) {
  using namespace freshet::bench;
  const Engine engine;
  for (const Shape& shape : shapes()) {
    benchmark::RegisterBenchmark((std::string("table/") + shape.name).c_str(), through_the_table,
                                 std::cref(shape), std::cref(engine))
        ->UseManualTime()
        ->Unit(benchmark::kMillisecond);
  }
  for (const Shape& shape : shapes()) {
    benchmark::RegisterBenchmark((std::string("marks/") + shape.name).c_str(), marked,
                                 std::cref(shape), std::cref(engine))
        ->UseManualTime()
        ->Unit(benchmark::kMillisecond);
  }
  benchmark::RegisterBenchmark("accounting/auth_identify", counted)
      ->UseManualTime()
      ->Unit(benchmark::kMillisecond);
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}

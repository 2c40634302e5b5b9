// An engine: it comes to what the server's own engine comes to, and bytes that are none do no harm.
#include <nlohmann/json.hpp>

#include "core/check/limits.h"
#include "core/check/plugin/resources.h"
#include "core/check/tests/opened.h"

namespace freshet::check {
namespace {

using Parsed = nlohmann::json;

std::vector<uint8_t> item_of(const std::function<freshet_status(const freshet_sink*)>& call,
                             Status& status) {
  std::vector<uint8_t> out;
  const VectorSink sink(out);
  status = Status{call(sink.c())};
  return out;
}

// A document of one engine.
class Document {
 public:
  explicit Document(const freshet_crdt* engine)
      : engine_(engine), doc_(engine->doc_create(engine->self)) {}
  ~Document() {
    if (doc_ != nullptr) engine_->doc_destroy(engine_->self, doc_);
  }
  Document(const Document&) = delete;
  Document& operator=(const Document&) = delete;

  Status apply(Bytes update) {
    applied_ = {};
    applied_.size = sizeof(applied_);
    return Status{engine_->apply(engine_->self, doc_, FRESHET_UPDATE_V1, to_c(update), &applied_)};
  }
  const freshet_applied& applied() const { return applied_; }
  bool knows(Bytes update) const {
    uint8_t known = 0;
    EXPECT_EQ(Status{engine_->knows(engine_->self, doc_, FRESHET_UPDATE_V1, to_c(update), &known)},
              Status::ok);
    return known != 0;
  }
  // The update that it made.
  std::vector<uint8_t> edit(uint64_t client, const Parsed& operations) {
    const std::string text = operations.dump();
    Status status = Status::ok;
    auto out = item_of(
        [&](const freshet_sink* sink) {
          return engine_->edit(engine_->self, doc_, client, to_c(as_bytes(text)), sink);
        },
        status);
    EXPECT_EQ(status, Status::ok) << text;
    return out;
  }
  std::vector<uint8_t> state(Bytes vector = {}) const {
    Status status = Status::ok;
    auto out = item_of(
        [&](const freshet_sink* sink) {
          return engine_->diff(engine_->self, doc_, FRESHET_UPDATE_V1, to_c(vector), sink);
        },
        status);
    EXPECT_EQ(status, Status::ok) << "diff";
    return out;
  }
  std::vector<uint8_t> vector() const {
    Status status = Status::ok;
    auto out = item_of(
        [&](const freshet_sink* sink) { return engine_->state_vector(engine_->self, doc_, sink); },
        status);
    EXPECT_EQ(status, Status::ok) << "state_vector";
    return out;
  }
  std::vector<uint8_t> outline(uint32_t limit, Status& status) const {
    return item_of(
        [&](const freshet_sink* sink) {
          return engine_->outline(engine_->self, doc_, limit, sink);
        },
        status);
  }
  Parsed json() const {
    Status status = Status::ok;
    const auto text = item_of(
        [&](const freshet_sink* sink) { return engine_->json(engine_->self, doc_, sink); }, status);
    EXPECT_EQ(status, Status::ok) << "json";
    Parsed out = Parsed::parse(as_text(text), nullptr, false);
    EXPECT_FALSE(out.is_discarded()) << "json wrote what is none";
    return out;
  }

 private:
  const freshet_crdt* engine_;
  freshet_doc* doc_;
  freshet_applied applied_{};
};

// The engine that the server has, as it finds it.
class ServersEngine {
 public:
  explicit ServersEngine(Trial& trial) {
    std::string reason;
    if (trial.subject().engine.empty()) return;
    file_ = PluginFile::open(trial.subject().engine, reason);
    if (!file_) return;
    Problems problems("settings");
    host_ = std::make_unique<GivenHost>(
        file_->settings(), Settings::check(file_->settings(), {}, {}, problems), trial.witness());
    if (file_->about().create(host_->table(), &self_) != FRESHET_OK) self_ = nullptr;
  }
  ~ServersEngine() {
    if (self_ != nullptr) file_->about().destroy(self_);
  }
  ServersEngine(const ServersEngine&) = delete;
  ServersEngine& operator=(const ServersEngine&) = delete;

  // Null: there is none.
  const freshet_crdt* table() const {
    if (self_ == nullptr) return nullptr;
    return static_cast<const freshet_crdt*>(file_->about().service(self_, FRESHET_CRDT_ID));
  }

 private:
  std::optional<PluginFile> file_;
  std::unique_ptr<GivenHost> host_;
  void* self_ = nullptr;
};

class CrdtPlugin : public PluginTest {
 protected:
  using Updates = std::vector<std::vector<uint8_t>>;

  void SetUp() override {
    PluginTest::SetUp();
    if (HasFatalFailure()) return;
    servers_ = std::make_unique<ServersEngine>(Trial::here());
    const auto* mine = plugin().service<freshet_crdt>();
    if (servers() == nullptr) GTEST_SKIP() << "there is no crdt-native here to compare with";
    ASSERT_NE(mine->name, nullptr);
    if (std::string_view(mine->name) != servers()->name) {
      GTEST_SKIP() << "its documents are \"" << mine->name << "\", and those of crdt-native are \""
                   << servers()->name << "\"";
    }
  }
  const freshet_crdt* mine() { return plugin().service<freshet_crdt>(); }
  const freshet_crdt* servers() const { return servers_->table(); }

  // What several people write who hear of each other now and then.
  Updates written(std::mt19937_64& chance) {
    std::vector<std::unique_ptr<Document>> people;
    for (int i = 0; i < kReplicas; ++i) people.push_back(std::make_unique<Document>(servers()));
    std::vector<size_t> heard(people.size(), 0);
    Updates out;
    for (int i = 0; i < kEdits; ++i) {
      const size_t who = below(chance, people.size());
      if (below(chance, 3) == 0) {
        for (; heard[who] < out.size(); ++heard[who]) {
          EXPECT_EQ(people[who]->apply(out[heard[who]]), Status::ok);
        }
      }
      auto update = people[who]->edit(1000 + who, operation(*people[who], chance));
      if (!update.empty()) out.push_back(std::move(update));
    }
    return out;
  }
  static void shuffle(Updates& updates, std::mt19937_64& chance) {
    for (size_t i = updates.size(); i > 1; --i)
      std::swap(updates[i - 1], updates[below(chance, i)]);
  }

 private:
  static Parsed operation(const Document& doc, std::mt19937_64& chance) {
    const Parsed now = doc.json();
    const size_t size = now.contains("text") ? now["text"].get<std::string>().size() : 0;
    const size_t index = below(chance, size + 1);
    switch (below(chance, 4)) {
      case 0:
        return {{{"op", "set"},
                 {"root", "map"},
                 {"kind", "map"},
                 {"key", std::string(1, static_cast<char>('a' + below(chance, 4)))},
                 {"content", {{"value", below(chance, 100)}}}}};
      case 1:
        return {{{"op", "push"},
                 {"root", "list"},
                 {"kind", "array"},
                 {"contents", {{{"value", below(chance, 100)}}}}}};
      case 2:
        if (index < size) {
          return {{{"op", "remove_text"},
                   {"root", "text"},
                   {"kind", "text"},
                   {"index", index},
                   {"count", 1}}};
        }
        [[fallthrough]];
      default:
        return {{{"op", "insert_text"},
                 {"root", "text"},
                 {"kind", "text"},
                 {"index", index},
                 {"text",
                  std::string(1 + below(chance, 3), static_cast<char>('a' + below(chance, 26)))}}};
    }
  }

  std::unique_ptr<ServersEngine> servers_;
};

TEST_F(CrdtPlugin, ComesToWhatTheServersEngineComesTo) {
  auto chance = PluginTest::chance();
  for (int round = 0; round < 3; ++round) {
    Updates updates = written(chance);
    Document theirs(servers()), here(mine());
    for (const auto& update : updates) ASSERT_EQ(theirs.apply(update), Status::ok);
    shuffle(updates, chance);
    for (const auto& update : updates) ASSERT_EQ(here.apply(update), Status::ok);
    for (const auto& update : updates) {
      if (below(chance, 4) == 0) {
        ASSERT_EQ(here.apply(update), Status::ok) << "a second time";
      }
    }
    EXPECT_EQ(here.json(), theirs.json())
        << "after " << updates.size() << " updates in an order by chance";
    EXPECT_EQ(Document(mine()).json(), Document(servers()).json()) << "an empty document";
  }
}

TEST_F(CrdtPlugin, GivesOthersWhatTheyLack) {
  auto chance = PluginTest::chance();
  const Updates updates = written(chance);
  Document here(mine()), behind(servers()), whole(servers());
  for (const auto& update : updates) {
    ASSERT_EQ(here.apply(update), Status::ok);
    if (below(chance, 2) == 0) {
      ASSERT_EQ(behind.apply(update), Status::ok);
    }
  }
  ASSERT_EQ(behind.apply(here.state(behind.vector())), Status::ok);
  EXPECT_EQ(behind.json(), here.json()) << "a diff from a state vector";
  ASSERT_EQ(whole.apply(here.state()), Status::ok);
  EXPECT_EQ(whole.json(), here.json()) << "the whole document";
  Document again(mine());
  ASSERT_EQ(again.apply(whole.state()), Status::ok);
  EXPECT_EQ(again.json(), whole.json());
}

TEST_F(CrdtPlugin, MergesUpdatesWithoutADocument) {
  auto chance = PluginTest::chance();
  const Updates updates = written(chance);
  std::vector<freshet_bytes> all;
  for (const auto& update : updates) all.push_back(to_c(Bytes(update)));
  Status status = Status::ok;
  const auto merged = item_of(
      [&](const freshet_sink* sink) {
        return mine()->merge(mine()->self, FRESHET_UPDATE_V1, all.data(), all.size(), sink);
      },
      status);
  ASSERT_EQ(status, Status::ok);
  Document here(mine()), theirs(servers());
  ASSERT_EQ(here.apply(merged), Status::ok);
  for (const auto& update : updates) ASSERT_EQ(theirs.apply(update), Status::ok);
  EXPECT_EQ(here.json(), theirs.json());
}

TEST_F(CrdtPlugin, SaysThatItKnowsWhatChangesNothingAndNothingElse) {
  if (!FRESHET_HAS(mine(), knows)) return;
  auto chance = PluginTest::chance();
  Updates updates = written(chance);
  shuffle(updates, chance);
  const Updates once = updates;
  updates.insert(updates.end(), once.begin(), once.end());
  shuffle(updates, chance);
  Document here(mine());
  for (const auto& update : updates) {
    const bool known = here.knows(update);
    ASSERT_EQ(here.apply(update), Status::ok);
    if (known) {
      EXPECT_EQ(here.applied().changed, 0) << "it said that it knew an update that changed it";
    }
  }
}

TEST_F(CrdtPlugin, DescribesWhatItTakesAndNoMoreThanItIsAskedFor) {
  if (!FRESHET_HAS(mine(), describe)) return;
  auto chance = PluginTest::chance();
  for (const auto& update : written(chance)) {
    Status status = Status::ok;
    const auto said = item_of(
        [&](const freshet_sink* sink) {
          return mine()->describe(mine()->self, FRESHET_UPDATE_V1, to_c(Bytes(update)), 2, sink);
        },
        status);
    if (status == Status::unsupported) return;
    ASSERT_EQ(status, Status::ok);
    const Parsed json = Parsed::parse(said, nullptr, false);
    ASSERT_TRUE(json.is_object()) << as_text(said);
    for (const char* count : {"structs", "deletes", "more"}) {
      ASSERT_TRUE(json.contains(count) && json[count].is_number_unsigned()) << as_text(said);
    }
    ASSERT_TRUE(json["operations"].is_array()) << as_text(said);
    EXPECT_LE(json["operations"].size(), 2u);
    EXPECT_EQ(json["operations"].size() + json["more"].get<size_t>(),
              json["structs"].get<size_t>() + json["deletes"].get<size_t>());
  }
}

TEST_F(CrdtPlugin, OutlinesADocumentWithinABound) {
  if (!FRESHET_HAS(mine(), outline)) return;
  auto chance = PluginTest::chance();
  Document here(mine());
  for (const auto& update : written(chance)) ASSERT_EQ(here.apply(update), Status::ok);
  for (const uint32_t limit : {1u, 1'000'000u}) {
    Status status = Status::ok;
    const auto said = here.outline(limit, status);
    if (status == Status::unsupported) return;
    ASSERT_EQ(status, Status::ok);
    const Parsed json = Parsed::parse(said, nullptr, false);
    ASSERT_TRUE(json.is_object() && json["roots"].is_array()) << as_text(said);
    EXPECT_LE(json["roots"].size(), limit);
    if (json["roots"].size() < here.json().size()) {
      EXPECT_GT(json["more"].get<size_t>(), 0u) << "it left something out without a word";
    }
  }
}

TEST_F(CrdtPlugin, RefusesBytesThatAreNoUpdate) {
  auto chance = PluginTest::chance();
  const Updates updates = written(chance);
  Document here(mine());
  for (const auto& update : updates) ASSERT_EQ(here.apply(update), Status::ok);
  size_t refused = 0;
  for (int i = 0; i < 400; ++i) {
    std::string broken(as_text(updates[below(chance, updates.size())]));
    if (i % 3 == 0) broken.resize(below(chance, broken.size()));
    if (i % 3 == 1) broken = bytes(chance, below(chance, 60));
    if (i % 3 == 2 && !broken.empty()) {
      broken[below(chance, broken.size())] = static_cast<char>(chance());
    }
    const Parsed before = here.json();
    const Status status = here.apply(as_bytes(broken));
    if (status == Status::ok) continue;
    ++refused;
    ASSERT_TRUE(status == Status::malformed || status == Status::too_large ||
                status == Status::limit)
        << "an update that is none was answered " << name_of(status);
    ASSERT_EQ(here.json(), before) << "it was refused, and has changed the document";
  }
  EXPECT_GT(refused, 50u) << "it takes nearly all bytes for an update";
}

TEST_F(CrdtPlugin, RefusesAStateVectorThatIsNone) {
  const std::vector<uint8_t> none(20, 0xff);
  freshet_doc* doc = mine()->doc_create(mine()->self);
  Status status = Status::ok;
  static_cast<void>(item_of(
      [&](const freshet_sink* sink) {
        return mine()->diff(mine()->self, doc, FRESHET_UPDATE_V1, to_c(Bytes(none)), sink);
      },
      status));
  mine()->doc_destroy(mine()->self, doc);
  EXPECT_EQ(status, Status::malformed);
}

TEST_F(CrdtPlugin, KeepsNothingOfDocumentsThatAreGone) {
  auto chance = PluginTest::chance();
  const Updates updates = written(chance);
  const auto* raw = plugin().raw<freshet_crdt>();
  const auto rounds = [&](int count) {
    for (int i = 0; i < count; ++i) {
      Document doc(raw);
      for (const auto& update : updates) ASSERT_EQ(doc.apply(update), Status::ok);
    }
  };
  rounds(20);
  const Resources before = Resources::now();
  rounds(kLeakRounds);
  const Resources after = Resources::settled(before);
  EXPECT_LE(after.bytes, before.bytes + size_t{kLeakRounds} * kLeakBytes)
      << "memory of " << kLeakRounds << " documents stays";
}

}  // namespace
}  // namespace freshet::check

// my-crdt: an engine for Freshet: a log of lines that only grows. Who adds a line calls it by its
// own number and a clock that counts its lines, so that whoever has the same lines has the same
// log, in whatever order they came. A whole engine, if a small one: docs/crdt.md has the one of
// text and trees.
//
//   update         varuint count, then of each line: varuint client, varuint clock, string
//   state vector   freshet/format/clocks.h, of lines
#include <freshet/format/clocks.h>
#include <freshet/format/codec.h>
#include <freshet/format/json.h>
#include <freshet/plugin.h>

#include <map>
#include <string>
#include <vector>

namespace {

using freshet::Bytes, freshet::Sink, freshet::Status;

constexpr size_t kMaxLineBytes = 64 << 10;
constexpr size_t kLineMemory = 100;  // what a line takes beside its text, about

// In the order in which everybody reads them.
struct LineId {
  uint64_t clock, client;
  friend auto operator<=>(const LineId&, const LineId&) = default;
};
using Lines = std::map<LineId, std::string>;

// The whole of it is checked before anything is done with it.
Status read_update(Bytes update, Lines& out, bool& shortest) {
  freshet::Reader in(update);
  for (uint64_t left = in.varuint(); left > 0 && in.ok(); --left) {
    const uint64_t client = in.varuint();
    const uint64_t clock = in.varuint();
    const std::string_view text = in.string();
    if (text.size() > kMaxLineBytes) return Status::too_large;
    if (in.ok() && !out.emplace(LineId{clock, client}, text).second) return Status::malformed;
  }
  shortest = in.shortest();
  return in.ok() && in.at_end() ? Status::ok : Status::malformed;
}

Status write_update(const Lines& lines, Sink out) {
  std::vector<uint8_t> update;
  freshet::Writer to(update);
  to.varuint(lines.size());
  for (const auto& [id, text] : lines) {
    to.varuint(id.client);
    to.varuint(id.clock);
    to.string(text);
  }
  return out.write(update);
}

// One document: by one thread at a time.
class MyDocument final : public freshet::CrdtDocument {
 public:
  Status apply(uint32_t format, Bytes update, freshet_applied& out) override {
    Lines lines;
    bool shortest = false;
    if (format != FRESHET_UPDATE_V1) return Status::unsupported;
    FRESHET_CHECK(read_update(update, lines, shortest));
    out.canonical = shortest ? 1 : 0;
    out.whole = 1;
    out.authors = lines.empty() ? FRESHET_AUTHORS_NONE : FRESHET_AUTHORS_ONE;
    if (!lines.empty()) out.author = lines.begin()->first.client;
    for (auto& [id, text] : lines) {
      if (out.author != id.client) out.authors = FRESHET_AUTHORS_UNKNOWN;
      const auto [at, is_new] = lines_.try_emplace(id, std::move(text));
      if (is_new) {
        out.changed = 1;
        bytes_ += at->second.size();
      } else if (at->second != text) {
        out.contradicts = 1;
        out.twin = id.client;
      }
    }
    // What comes behind a line that is not here yet waits for it.
    for (const auto& [id, text] : lines) {
      while (lines_.contains({known_.next(id.client), id.client})) known_.note(id.client);
      if (id.clock >= known_.next(id.client)) out.whole = 0;
    }
    return Status::ok;
  }

  Status state_vector(Sink out) const override { return out.write(known_.bytes()); }

  Status diff(uint32_t format, Bytes state_vector, Sink out) const override {
    if (format != FRESHET_UPDATE_V1) return Status::unsupported;
    FRESHET_TRY(const freshet::Clocks has, freshet::Clocks::read(state_vector));
    Lines lacks;
    for (const auto& [id, text] : lines_) {
      if (id.clock >= has.next(id.client)) lacks.emplace(id, text);
    }
    return write_update(lacks, out);
  }

  Status json(Sink out) const override {
    std::string list;
    for (const auto& [id, text] : lines_) {
      if (id.clock >= known_.next(id.client)) continue;  // waits for others
      list += list.empty() ? "" : ",";
      freshet::append_json_string(list, text);
    }
    return out.write("{\"lines\":[" + list + "]}");
  }

  void stats(freshet_doc_stats& out) const override {
    out.memory_bytes = sizeof(*this) + bytes_ + lines_.size() * kLineMemory;
    out.clients = known_.clients();
    out.items = lines_.size();
  }

 private:
  Lines lines_;
  freshet::Clocks known_;  // of each client: how many of its first lines are here
  size_t bytes_ = 0;
};

// The engine: no state, any thread.
class MyCrdt final : public freshet::Crdt {
 public:
  static constexpr freshet::About kAbout{
      .id = "my-crdt", .version = "0.1.0", .summary = "A log of lines in which all agree."};
  static freshet::Result<std::unique_ptr<MyCrdt>> create(freshet::Host) {
    return std::make_unique<MyCrdt>();
  }

  const char* name() const override { return "my-lines"; }
  std::unique_ptr<freshet::CrdtDocument> create() override {
    return std::make_unique<MyDocument>();
  }
  Status cost(uint32_t, Bytes update, freshet_cost& out) override {
    freshet::Reader in(update);
    const uint64_t lines = std::min<uint64_t>(in.varuint(), update.size() / 3);
    out.document_bytes = update.size() + lines * kLineMemory;
    out.working_bytes = out.document_bytes;
    return in.ok() ? Status::ok : Status::malformed;
  }
};

}  // namespace

FRESHET_PLUGIN(MyCrdt)

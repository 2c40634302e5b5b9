// The freshet.crdt/0 service: a thin skin over the engine, see freshet/crdt/doc.h.
#include "freshet/plugin.h"

#include <chrono>
#include <new>

#include "edit_list.h"
#include "freshet/crdt/doc.h"
#include "freshet/crdt/updates.h"

namespace freshet {
namespace {

Status put(Sink out, const std::vector<uint8_t>& bytes) { return out.write(Bytes(bytes)); }

class Document final : public CrdtDocument {
 public:
  Document(Host host, crdt::Options options) : host_(host), doc_(options) {}

  Status apply(uint32_t format, Bytes update, freshet_applied& out) override {
    if (format != FRESHET_UPDATE_V1) return Status::unsupported;
    return change([&]() -> Status {
      FRESHET_TRY(const crdt::Applied applied, doc_.apply(update));
      tell(applied, out);
      return Status::ok;
    });
  }

  Status load(uint32_t format, Bytes update, freshet_applied& out) override {
    if (format != FRESHET_UPDATE_V1) return Status::unsupported;
    return change([&]() -> Status {
      FRESHET_TRY(const crdt::Applied applied, doc_.load(update));
      tell(applied, out);
      return Status::ok;
    });
  }

  Status state_vector(Sink out) const override {
    if (doc_.torn()) return Status::internal;
    std::vector<uint8_t> bytes;
    doc_.state_vector(bytes);
    return put(out, bytes);
  }

  Status diff(uint32_t format, Bytes state_vector, Sink out) const override {
    if (format != FRESHET_UPDATE_V1) return Status::unsupported;
    if (doc_.torn()) return Status::internal;
    std::vector<uint8_t> bytes;
    FRESHET_CHECK(doc_.diff(state_vector, bytes));
    return put(out, bytes);
  }

  Status json(Sink out) const override {
    if (doc_.torn()) return Status::internal;
    std::string text;
    doc_.json(text);
    return out.write(std::string_view(text));
  }

  Status edit(uint64_t client, std::string_view operations, Sink out) override {
    if (doc_.torn()) return Status::internal;
    std::vector<uint8_t> update;
    crdt::Refusal why;
    Status status = Status::internal;
    try {
      status = crdt::edit_by_list(doc_, client, operations, update, why);
    } catch (const std::bad_alloc&) {
      // Some of its operations may be done.
      doc_.tear();
      throw;
    }
    // One of its operations may turn out to be impossible for a bug of ours.
    if (!why.why.empty()) complain("an edit by a list of operations: " + why.text());
    FRESHET_CHECK(status);
    return update.empty() ? Status::ok : put(out, update);
  }

  // Once in a while: peers may be able to cause it.
  void complain(const std::string& what) {
    const auto now = std::chrono::steady_clock::now();
    if (now < complain_again_) return;
    complain_again_ = now + std::chrono::seconds(10);
    host_.warn(what);
  }

  void stats(freshet_doc_stats& out) const override {
    const crdt::Stats stats = doc_.stats();
    out.memory_bytes = stats.memory_bytes;
    out.pending_bytes = stats.pending_bytes;
    out.clients = stats.clients;
    out.items = stats.items;
  }

 private:
  // Memory that runs out before anything has changed is no harm to the document.
  template <class F>
  Status change(F f) {
    try {
      return f();
    } catch (const std::bad_alloc&) {
      if (doc_.torn()) throw;
      host_.warn("no memory for an update");
      return Status::retry;
    }
  }

  static void tell(const crdt::Applied& applied, freshet_applied& out) {
    out.changed = applied.changed ? 1 : 0;
    out.canonical = applied.canonical ? 1 : 0;
    out.authors = applied.authors == 0   ? FRESHET_AUTHORS_NONE
                  : applied.authors == 1 ? FRESHET_AUTHORS_ONE
                                         : FRESHET_AUTHORS_UNKNOWN;
    out.author = applied.author;
    if (!FRESHET_REACHES(&out, twin)) return;
    out.contradicts = applied.contradicts ? 1 : 0;
    out.twin = applied.twin;
  }

  Host host_;
  crdt::Doc doc_;
  std::chrono::steady_clock::time_point complain_again_{};
};

class CrdtNative final : public Crdt {
 public:
  static constexpr freshet_setting kSettings[] = {
      // What a store has dropped already does not come back.
      setting::boolean(
          "collect_garbage", "true",
          "Whether deleted content is dropped. If not, clients with gc: false can show "
          "and restore older versions; a document then holds all that was ever "
          "written, in memory, on disk and for whoever opens it."),
  };
  static constexpr About kAbout{
      .id = "crdt-native",
      .version = "0.1.0",
      .summary = "Documents in the Yjs update format, merged by an engine of our own.",
      .settings = kSettings};

  static Result<std::unique_ptr<CrdtNative>> create(Host host) {
    return std::make_unique<CrdtNative>(host);
  }
  explicit CrdtNative(Host host)
      : host_(host), options_{.collect_garbage = host.flag("collect_garbage")} {}

  const char* name() const override { return "yjs"; }
  std::unique_ptr<CrdtDocument> create() override {
    return std::make_unique<Document>(host_, options_);
  }

  Status merge(uint32_t format, std::span<const Bytes> updates, Sink out) override {
    if (format != FRESHET_UPDATE_V1) return Status::unsupported;
    std::vector<uint8_t> bytes;
    FRESHET_CHECK(crdt::merge_updates(
        updates, bytes, options_.collect_garbage ? crdt::Garbage::collect : crdt::Garbage::keep));
    return put(out, bytes);
  }

  Status cost(uint32_t format, Bytes update, freshet_cost& out) override {
    if (format != FRESHET_UPDATE_V1) return Status::unsupported;
    FRESHET_TRY(const crdt::UpdateCost cost, crdt::cost_of(update));
    out.document_bytes = cost.document_bytes;
    out.working_bytes = cost.working_bytes;
    return Status::ok;
  }

  Status reencode(uint32_t format, Bytes update, Sink out) override {
    if (format != FRESHET_UPDATE_V1) return Status::unsupported;
    std::vector<uint8_t> bytes;
    FRESHET_CHECK(crdt::reencode(update, bytes));
    return put(out, bytes);
  }

 private:
  Host host_;
  const crdt::Options options_;
};

}  // namespace
}  // namespace freshet

FRESHET_PLUGIN(freshet::CrdtNative)

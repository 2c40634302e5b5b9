#include "crdt-native/native_crdt.h"

#include <new>
#include <utility>

#include "crdt-native/edit_list.h"
#include "freshet/crdt/snapshot.h"
#include "freshet/crdt/updates.h"

namespace freshet {
namespace {

constexpr uint64_t kComplaintPauseMs = 10'000;

Status put(Sink out, const std::vector<uint8_t>& bytes) { return out.write(Bytes(bytes)); }

class Document final : public CrdtDocument {
 public:
  Document(Host host, const NowMs& now_ms, crdt::Options options)
      : host_(host), now_ms_(now_ms), doc_(options) {}

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

  Status outline(uint32_t limit, Sink out) const override {
    if (doc_.torn()) return Status::internal;
    std::string text;
    doc_.outline(limit, text);
    return out.write(std::string_view(text));
  }

  Status knows(uint32_t format, Bytes update, bool& known) const override {
    if (format != FRESHET_UPDATE_V1) return Status::unsupported;
    if (doc_.torn()) return Status::internal;
    std::vector<uint8_t> here;
    crdt::take_snapshot(doc_, here);
    FRESHET_TRY(known, crdt::snapshot_contains(here, update));
    return Status::ok;
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
    const uint64_t now_ms = now_ms_();
    if (now_ms < complain_again_ms_) return;
    complain_again_ms_ = now_ms + kComplaintPauseMs;
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
    if (FRESHET_REACHES(&out, whole)) out.whole = applied.whole ? 1 : 0;
  }

  Host host_;
  const NowMs& now_ms_;
  crdt::Doc doc_;
  uint64_t complain_again_ms_ = 0;
};

}  // namespace

Result<std::unique_ptr<NativeCrdt>> NativeCrdt::create(Host host, NowMs now_ms) {
  return std::make_unique<NativeCrdt>(host, std::move(now_ms));
}

NativeCrdt::NativeCrdt(Host host, NowMs now_ms)
    : host_(host),
      now_ms_(std::move(now_ms)),
      options_{.collect_garbage = host.flag("collect_garbage")} {}

std::unique_ptr<CrdtDocument> NativeCrdt::create() {
  return std::make_unique<Document>(host_, now_ms_, options_);
}

Status NativeCrdt::merge(uint32_t format, std::span<const Bytes> updates, Sink out) {
  if (format != FRESHET_UPDATE_V1) return Status::unsupported;
  std::vector<uint8_t> bytes;
  FRESHET_CHECK(crdt::merge_updates(
      updates, bytes, options_.collect_garbage ? crdt::Garbage::collect : crdt::Garbage::keep));
  return put(out, bytes);
}

Status NativeCrdt::squash(uint32_t format, std::span<const Bytes> updates, Sink out) {
  if (format != FRESHET_UPDATE_V1) return Status::unsupported;
  std::vector<uint8_t> bytes;
  FRESHET_CHECK(crdt::squash_updates(updates, bytes));
  return put(out, bytes);
}

Status NativeCrdt::cost(uint32_t format, Bytes update, freshet_cost& out) {
  if (format != FRESHET_UPDATE_V1) return Status::unsupported;
  FRESHET_TRY(const crdt::UpdateCost cost, crdt::cost_of(update));
  out.document_bytes = cost.document_bytes;
  out.working_bytes = cost.working_bytes;
  return Status::ok;
}

Status NativeCrdt::reencode(uint32_t format, Bytes update, Sink out) {
  if (format != FRESHET_UPDATE_V1) return Status::unsupported;
  std::vector<uint8_t> bytes;
  FRESHET_CHECK(crdt::reencode(update, bytes));
  return put(out, bytes);
}

Status NativeCrdt::describe(uint32_t format, Bytes update, uint32_t limit, Sink out) {
  if (format != FRESHET_UPDATE_V1) return Status::unsupported;
  std::string json;
  FRESHET_CHECK(crdt::describe_update(update, limit, json));
  return out.write(std::string_view(json));
}

}  // namespace freshet

// freshet/crdt.h: a CRDT engine plugin in C++. See abi/crdt.h for what each function promises.
#pragma once

#include <new>
#include <span>
#include <vector>

#include "freshet/abi/crdt.h"
#include "freshet/service.h"

namespace freshet {

// One document; used by one thread at a time. `format` is one of FRESHET_UPDATE_...
class CrdtDocument {
 public:
  virtual ~CrdtDocument() = default;
  virtual Status apply(uint32_t format, Bytes update, freshet_applied& out) = 0;
  // An engine without limits on one update has nothing else to do.
  virtual Status load(uint32_t format, Bytes update, freshet_applied& out) {
    return apply(format, update, out);
  }
  virtual Status state_vector(Sink out) const = 0;
  virtual Status diff(uint32_t format, Bytes state_vector, Sink out) const = 0;
  virtual Status json(Sink out) const = 0;
  virtual void stats(freshet_doc_stats& out) const = 0;
  // Whether to apply it would change nothing. False if that is not known.
  virtual Status knows(uint32_t /*format*/, Bytes /*update*/, bool& known) const {
    known = false;
    return Status::ok;
  }
  virtual Status outline(uint32_t /*limit*/, Sink /*out*/) const { return Status::unsupported; }
  virtual Status edit(uint64_t /*client*/, std::string_view /*operations*/, Sink /*out*/) {
    return Status::unsupported;
  }
};

class Crdt {
 public:
  virtual const char* name() const = 0;
  virtual std::unique_ptr<CrdtDocument> create() = 0;
  // By way of a document, which any engine can; most can do it for less.
  virtual Status merge(uint32_t format, std::span<const Bytes> updates, Sink out) {
    const std::unique_ptr<CrdtDocument> all = create();
    for (const Bytes update : updates) {
      freshet_applied ignored{};
      ignored.size = sizeof(ignored);
      FRESHET_CHECK(all->load(format, update, ignored));
    }
    return all->diff(format, {}, out);
  }
  virtual Status reencode(uint32_t format, Bytes update, Sink out) {
    return merge(format, {&update, 1}, out);
  }
  virtual Status cost(uint32_t /*format*/, Bytes /*update*/, freshet_cost& /*out*/) {
    return Status::unsupported;
  }
  virtual Status squash(uint32_t /*format*/, std::span<const Bytes> /*updates*/, Sink /*out*/) {
    return Status::unsupported;
  }
  virtual Status describe(uint32_t /*format*/, Bytes /*update*/, uint32_t /*limit*/, Sink /*out*/) {
    return Status::unsupported;
  }

 protected:
  ~Crdt() = default;
};

template <>
class Bound<Crdt> : detail::BoundTo<Crdt> {
 public:
  static constexpr const char* kId = FRESHET_CRDT_ID;

  Bound(Crdt& impl, Host host) : BoundTo(impl, host) {
    table_.self = self();
    table_.name = impl.name();
  }
  const freshet_crdt* table() const { return &table_; }

 private:
  static CrdtDocument& to(freshet_doc* doc) { return *reinterpret_cast<CrdtDocument*>(doc); }
  static const CrdtDocument& to(const freshet_doc* doc) {
    return *reinterpret_cast<const CrdtDocument*>(doc);
  }
  static std::vector<Bytes> views_of(const freshet_bytes* updates, size_t count) {
    std::vector<Bytes> views;
    views.reserve(count);
    for (size_t i = 0; i < count; ++i) views.push_back(view(updates[i]));
    return views;
  }
  // A change that threw may be half done, whatever the reason.
  template <class F>
  static freshet_status change(void* self, F&& f) noexcept {
    return call(self, [&](Crdt&) {
      try {
        return f();
      } catch (const std::bad_alloc&) {
        return Status::internal;
      }
    });
  }

  freshet_crdt table_ = {
      .size = sizeof(freshet_crdt),
      .self = nullptr,
      .name = nullptr,
      .doc_create =
          [](void* self) {
            CrdtDocument* doc = nullptr;
            run(self, [&](Crdt& c) { doc = c.create().release(); });
            return reinterpret_cast<freshet_doc*>(doc);
          },
      .doc_destroy = [](void*, freshet_doc* doc) { delete &to(doc); },
      .apply =
          [](void* self, freshet_doc* doc, uint32_t format, freshet_bytes update,
             freshet_applied* out) {
            return change(self, [&] { return to(doc).apply(format, view(update), *out); });
          },
      .state_vector =
          [](void* self, const freshet_doc* doc, const freshet_sink* out) {
            return call(self, [&](Crdt&) { return to(doc).state_vector(Sink(out)); });
          },
      .diff =
          [](void* self, const freshet_doc* doc, uint32_t format, freshet_bytes state_vector,
             const freshet_sink* out) {
            return call(self,
                        [&](Crdt&) { return to(doc).diff(format, view(state_vector), Sink(out)); });
          },
      .json =
          [](void* self, const freshet_doc* doc, const freshet_sink* out) {
            return call(self, [&](Crdt&) { return to(doc).json(Sink(out)); });
          },
      .stats = [](void* self, const freshet_doc* doc,
                  freshet_doc_stats* out) { run(self, [&](Crdt&) { to(doc).stats(*out); }); },
      .merge =
          [](void* self, uint32_t format, const freshet_bytes* updates, size_t count,
             const freshet_sink* out) {
            return call(self, [&](Crdt& c) {
              return c.merge(format, views_of(updates, count), Sink(out));
            });
          },
      .reencode =
          [](void* self, uint32_t format, freshet_bytes update, const freshet_sink* out) {
            return call(self, [&](Crdt& c) { return c.reencode(format, view(update), Sink(out)); });
          },
      .load =
          [](void* self, freshet_doc* doc, uint32_t format, freshet_bytes update,
             freshet_applied* out) {
            return change(self, [&] { return to(doc).load(format, view(update), *out); });
          },
      .edit =
          [](void* self, freshet_doc* doc, uint64_t client, freshet_bytes operations,
             const freshet_sink* out) {
            return change(
                self, [&] { return to(doc).edit(client, as_text(view(operations)), Sink(out)); });
          },
      .cost =
          [](void* self, uint32_t format, freshet_bytes update, freshet_cost* out) {
            return call(self, [&](Crdt& c) { return c.cost(format, view(update), *out); });
          },
      .squash =
          [](void* self, uint32_t format, const freshet_bytes* updates, size_t count,
             const freshet_sink* out) {
            return call(self, [&](Crdt& c) {
              return c.squash(format, views_of(updates, count), Sink(out));
            });
          },
      .knows =
          [](void* self, const freshet_doc* doc, uint32_t format, freshet_bytes update,
             uint8_t* known) {
            return call(self, [&](Crdt&) {
              bool knows = false;
              const Status status = to(doc).knows(format, view(update), knows);
              *known = knows ? 1 : 0;
              return status;
            });
          },
      .describe =
          [](void* self, uint32_t format, freshet_bytes update, uint32_t limit,
             const freshet_sink* out) {
            return call(
                self, [&](Crdt& c) { return c.describe(format, view(update), limit, Sink(out)); });
          },
      .outline =
          [](void* self, const freshet_doc* doc, uint32_t limit, const freshet_sink* out) {
            return call(self, [&](Crdt&) { return to(doc).outline(limit, Sink(out)); });
          },
  };
};

}  // namespace freshet

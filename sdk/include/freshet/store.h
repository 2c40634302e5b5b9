// freshet/store.h: a store plugin in C++. See abi/store.h for what each function promises.
#pragma once

#include <algorithm>
#include <array>
#include <span>
#include <string_view>

#include "freshet/abi/store.h"
#include "freshet/service.h"

namespace freshet {

// The outbox of a store. Called as the store itself is.
class StoreOutbox {
 public:
  virtual Status add(std::string_view topic, std::span<const freshet_outgoing> entries,
                     Reply out) = 0;
  virtual Status list(std::string_view topic, bool dead, uint64_t after, uint32_t limit,
                      Reply out) = 0;
  virtual Status read(std::string_view topic, uint64_t id, Reply out) = 0;
  virtual Status remove(std::string_view topic, std::span<const uint64_t> ids) = 0;
  virtual Status bury(std::string_view topic, uint64_t id, std::string_view reason) = 0;
  virtual Status revive(std::string_view topic, uint64_t id, Reply out) = 0;
  virtual Status drop(std::string_view topic, uint64_t id, Reply out) = 0;
  virtual Status topics(Reply out) = 0;

 protected:
  ~StoreOutbox() = default;  // never deleted through the interface
};

// What a store has besides that many nodes share. Called as the store itself is.
class StoreCluster {
 public:
  virtual Status tail(std::string_view room, const freshet_epoch& epoch, uint64_t after_seq,
                      uint64_t most_bytes, Reply out) = 0;
  virtual Status heads(std::span<const freshet_str> rooms, Reply out) = 0;
  virtual Status beat(const freshet_node& node, Bytes about, Reply out) = 0;
  virtual Status end(const freshet_node& node, bool tell) = 0;
  virtual Status open(const freshet_node& node, std::span<const freshet_str> rooms) = 0;
  virtual Status close(const freshet_node& node, std::span<const freshet_str> rooms, bool tell,
                       Reply out) = 0;
  virtual Status nodes(std::string_view room, Reply out) = 0;
  virtual Status notices(uint64_t after, uint32_t limit, Reply out) = 0;
  virtual Status remove_notice(uint64_t id) = 0;
  virtual Status claim(std::string_view name, const freshet_node& node, uint32_t ms) = 0;
  virtual Status fold(const freshet_fold& fold) = 0;
  virtual Status new_history(std::string_view after, uint32_t limit, Reply out) = 0;

 protected:
  ~StoreCluster() = default;  // never deleted through the interface
};

// What apps keep beside a room's document. Called as the store itself is.
class StoreKept {
 public:
  virtual Status read(std::string_view room, std::string_view name, Reply out) = 0;
  virtual Status write(std::string_view room, std::string_view name, uint64_t version, Bytes value,
                       Reply out) = 0;
  virtual Status list(std::string_view room, std::string_view after, uint32_t limit, Reply out) = 0;

 protected:
  ~StoreKept() = default;  // never deleted through the interface
};

inline std::span<const freshet_append> entries_of(const freshet_batch& batch) {
  return {batch.entries, batch.count};
}
inline bool same(const freshet_epoch& a, const freshet_epoch& b) {
  return std::ranges::equal(a.bytes, b.bytes);
}
inline bool same(const freshet_writer& a, const freshet_writer& b) {
  return a.shard == b.shard && std::ranges::equal(a.run, b.run);
}
inline bool same(const freshet_node& a, const freshet_node& b) {
  return std::ranges::equal(a.run, b.run);
}

// Called on one worker queue, one call at a time: plain blocking code is right here.
class Store {
 public:
  virtual Status load(std::string_view room, Reply out) = 0;
  virtual Status append(const freshet_batch& batch, Reply out) = 0;
  virtual Status replace(std::string_view room, const freshet_epoch& epoch, uint64_t through_seq,
                         Bytes snapshot) = 0;
  virtual Status put(std::string_view room, const freshet_epoch& epoch, Bytes snapshot) = 0;
  virtual Status erase(std::string_view room) = 0;
  virtual Status list(std::string_view after, uint32_t limit, Reply out) = 0;
  virtual Status info(std::string_view room, Reply out) = 0;
  virtual Status backup(std::string_view path, Reply out) {
    static_cast<void>(path);
    static_cast<void>(out);
    return Status::unsupported;
  }

  virtual Status check(Reply out) {
    static_cast<void>(out);
    return Status::ok;
  }

  // Null: it keeps none. Asked once, after create(); lives as long as the store.
  virtual StoreOutbox* outbox() { return nullptr; }
  // Null: one process owns what it keeps. As outbox().
  virtual StoreCluster* cluster() { return nullptr; }
  // Null: it keeps nothing for apps. As outbox().
  virtual StoreKept* kept() { return nullptr; }

 protected:
  ~Store() = default;  // never deleted through the interface
};

template <>
class Bound<Store> : detail::BoundTo<Store> {
 public:
  static constexpr const char* kId = FRESHET_STORE_ID;

  Bound(Store& impl, Host host) : BoundTo(impl, host) {
    table_.self = self();
    if (impl.outbox() != nullptr) fill_outbox();
    if (impl.cluster() != nullptr) fill_cluster();
    if (impl.kept() != nullptr) fill_kept();
  }
  const freshet_store* table() const { return &table_; }

 private:
  void fill_outbox() {
    table_.outbox_add = [](void* self, freshet_str topic, const freshet_outgoing* entries,
                           size_t count, freshet_reply reply) {
      answer(self, reply, [&](Store& s, Reply out) {
        return s.outbox()->add(view(topic), {entries, count}, out);
      });
    };
    table_.outbox_list = [](void* self, freshet_str topic, int dead, uint64_t after, uint32_t limit,
                            freshet_reply reply) {
      answer(self, reply, [&](Store& s, Reply out) {
        return s.outbox()->list(view(topic), dead != 0, after, limit, out);
      });
    };
    table_.outbox_read = [](void* self, freshet_str topic, uint64_t id, freshet_reply reply) {
      answer(self, reply,
             [&](Store& s, Reply out) { return s.outbox()->read(view(topic), id, out); });
    };
    table_.outbox_remove = [](void* self, freshet_str topic, const uint64_t* ids, size_t count,
                              freshet_reply reply) {
      answer(self, reply,
             [&](Store& s, Reply) { return s.outbox()->remove(view(topic), {ids, count}); });
    };
    table_.outbox_bury = [](void* self, freshet_str topic, uint64_t id, freshet_str reason,
                            freshet_reply reply) {
      answer(self, reply,
             [&](Store& s, Reply) { return s.outbox()->bury(view(topic), id, view(reason)); });
    };
    table_.outbox_revive = [](void* self, freshet_str topic, uint64_t id, freshet_reply reply) {
      answer(self, reply,
             [&](Store& s, Reply out) { return s.outbox()->revive(view(topic), id, out); });
    };
    table_.outbox_drop = [](void* self, freshet_str topic, uint64_t id, freshet_reply reply) {
      answer(self, reply,
             [&](Store& s, Reply out) { return s.outbox()->drop(view(topic), id, out); });
    };
    table_.outbox_topics = [](void* self, freshet_reply reply) {
      answer(self, reply, [&](Store& s, Reply out) { return s.outbox()->topics(out); });
    };
  }

  void fill_cluster() {
    table_.tail = [](void* self, freshet_str room, freshet_epoch epoch, uint64_t after_seq,
                     uint64_t most_bytes, freshet_reply reply) {
      answer(self, reply, [&](Store& s, Reply out) {
        return s.cluster()->tail(view(room), epoch, after_seq, most_bytes, out);
      });
    };
    table_.heads = [](void* self, const freshet_str* rooms, size_t count, freshet_reply reply) {
      answer(self, reply,
             [&](Store& s, Reply out) { return s.cluster()->heads({rooms, count}, out); });
    };
    table_.node_beat = [](void* self, freshet_node node, freshet_bytes about, freshet_reply reply) {
      answer(self, reply,
             [&](Store& s, Reply out) { return s.cluster()->beat(node, view(about), out); });
    };
    table_.node_end = [](void* self, freshet_node node, int tell, freshet_reply reply) {
      answer(self, reply, [&](Store& s, Reply) { return s.cluster()->end(node, tell != 0); });
    };
    table_.rooms_open = [](void* self, freshet_node node, const freshet_str* rooms, size_t count,
                           freshet_reply reply) {
      answer(self, reply, [&](Store& s, Reply) { return s.cluster()->open(node, {rooms, count}); });
    };
    table_.rooms_close = [](void* self, freshet_node node, const freshet_str* rooms, size_t count,
                            int tell, freshet_reply reply) {
      answer(self, reply, [&](Store& s, Reply out) {
        return s.cluster()->close(node, {rooms, count}, tell != 0, out);
      });
    };
    table_.room_nodes = [](void* self, freshet_str room, freshet_reply reply) {
      answer(self, reply, [&](Store& s, Reply out) { return s.cluster()->nodes(view(room), out); });
    };
    table_.notices = [](void* self, uint64_t after, uint32_t limit, freshet_reply reply) {
      answer(self, reply,
             [&](Store& s, Reply out) { return s.cluster()->notices(after, limit, out); });
    };
    table_.notice_remove = [](void* self, uint64_t id, freshet_reply reply) {
      answer(self, reply, [&](Store& s, Reply) { return s.cluster()->remove_notice(id); });
    };
    table_.claim = [](void* self, freshet_str name, freshet_node node, uint32_t ms,
                      freshet_reply reply) {
      answer(self, reply,
             [&](Store& s, Reply) { return s.cluster()->claim(view(name), node, ms); });
    };
    table_.fold = [](void* self, const freshet_fold* fold, freshet_reply reply) {
      answer(self, reply, [&](Store& s, Reply) { return s.cluster()->fold(*fold); });
    };
    table_.new_history = [](void* self, freshet_str after, uint32_t limit, freshet_reply reply) {
      answer(self, reply, [&](Store& s, Reply out) {
        return s.cluster()->new_history(view(after), limit, out);
      });
    };
  }

  void fill_kept() {
    table_.kept_read = [](void* self, freshet_str room, freshet_str name, freshet_reply reply) {
      answer(self, reply,
             [&](Store& s, Reply out) { return s.kept()->read(view(room), view(name), out); });
    };
    table_.kept_write = [](void* self, freshet_str room, freshet_str name, uint64_t version,
                           freshet_bytes value, freshet_reply reply) {
      answer(self, reply, [&](Store& s, Reply out) {
        return s.kept()->write(view(room), view(name), version, view(value), out);
      });
    };
    table_.kept_list = [](void* self, freshet_str room, freshet_str after, uint32_t limit,
                          freshet_reply reply) {
      answer(self, reply, [&](Store& s, Reply out) {
        return s.kept()->list(view(room), view(after), limit, out);
      });
    };
  }

  freshet_store table_ = {
      .size = sizeof(freshet_store),
      .self = nullptr,
      .load =
          [](void* self, freshet_str room, freshet_reply reply) {
            answer(self, reply, [&](Store& s, Reply out) { return s.load(view(room), out); });
          },
      .append =
          [](void* self, const freshet_batch* batch, freshet_reply reply) {
            answer(self, reply, [&](Store& s, Reply out) { return s.append(*batch, out); });
          },
      .replace =
          [](void* self, freshet_str room, freshet_epoch epoch, uint64_t through_seq,
             freshet_bytes snapshot, freshet_reply reply) {
            answer(self, reply, [&](Store& s, Reply) {
              return s.replace(view(room), epoch, through_seq, view(snapshot));
            });
          },
      .put =
          [](void* self, freshet_str room, freshet_epoch epoch, freshet_bytes snapshot,
             freshet_reply reply) {
            answer(self, reply,
                   [&](Store& s, Reply) { return s.put(view(room), epoch, view(snapshot)); });
          },
      .erase =
          [](void* self, freshet_str room, freshet_reply reply) {
            answer(self, reply, [&](Store& s, Reply) { return s.erase(view(room)); });
          },
      .list =
          [](void* self, freshet_str after, uint32_t limit, freshet_reply reply) {
            answer(self, reply,
                   [&](Store& s, Reply out) { return s.list(view(after), limit, out); });
          },
      .info =
          [](void* self, freshet_str room, freshet_reply reply) {
            answer(self, reply, [&](Store& s, Reply out) { return s.info(view(room), out); });
          },
      .backup =
          [](void* self, freshet_str path, freshet_reply reply) {
            answer(self, reply, [&](Store& s, Reply out) { return s.backup(view(path), out); });
          },
      // fill_outbox() has these.
      .outbox_add = nullptr,
      .outbox_list = nullptr,
      .outbox_read = nullptr,
      .outbox_remove = nullptr,
      .outbox_bury = nullptr,
      .outbox_revive = nullptr,
      .outbox_drop = nullptr,
      .outbox_topics = nullptr,
      .check =
          [](void* self, freshet_reply reply) {
            answer(self, reply, [&](Store& s, Reply out) { return s.check(out); });
          },
      // fill_cluster() has these.
      .tail = nullptr,
      .heads = nullptr,
      .node_beat = nullptr,
      .node_end = nullptr,
      .rooms_open = nullptr,
      .rooms_close = nullptr,
      .room_nodes = nullptr,
      .notices = nullptr,
      .notice_remove = nullptr,
      .claim = nullptr,
      .fold = nullptr,
      .new_history = nullptr,
      // fill_kept() has these.
      .kept_read = nullptr,
      .kept_write = nullptr,
      .kept_list = nullptr,
  };
};

}  // namespace freshet

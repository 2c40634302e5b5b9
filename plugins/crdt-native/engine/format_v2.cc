// Update format v2 (columns), to and from v1, struct by struct.
#include <algorithm>
#include <limits>

#include "columns.h"
#include "freshet/crdt/limits.h"
#include "freshet/crdt/updates.h"
#include "json_text.h"
#include "markup.h"
#include "values.h"
#include "wire.h"

namespace freshet::crdt {

namespace {

// So many structs may a byte of v2 stand for: more is a bomb, however well-formed.
constexpr size_t kMaxStructsPerByte = 64;
constexpr size_t kFreeStructs = 1024;

class FromV2 {
 public:
  FromV2(Bytes bytes, std::vector<uint8_t>& out)
      : size_(bytes.size()), rest_(bytes), flags_(rest_.varuint()), out_(out) {}

  Status run() {
    const uint64_t clients = rest_.varuint();
    if (!rest_.ok() || flags_ != 0 || clients > rest_.remaining()) return Status::malformed;
    out_.varuint(clients);
    for (uint64_t i = 0; i < clients; ++i) FRESHET_CHECK(block());
    return deletes();
  }

  void attach(std::vector<uint8_t>& bytes) { bytes_ = &bytes; }

 private:
  bool ok() const {
    return rest_.ok() && key_clock_.ok() && client_.ok() && left_clock_.ok() && right_clock_.ok() &&
           info_.ok() && string_.ok() && parent_info_.ok() && type_ref_.ok() && len_.ok();
  }

  Status block() {
    const uint64_t structs = rest_.varuint();
    const uint64_t client = client_.read();
    const uint64_t clock = rest_.varuint();
    if (!ok()) return Status::malformed;
    structs_ += structs;
    if (structs > kMaxStructsPerUpdate || structs_ > kMaxStructsPerUpdate ||
        structs_ > kMaxStructsPerByte * size_ + kFreeStructs) {
      return Status::too_large;
    }
    out_.varuint(structs);
    out_.varuint(client);
    out_.varuint(clock);
    for (uint64_t i = 0; i < structs; ++i) {
      one_struct();
      if (!ok()) return Status::malformed;
      if (bytes_->size() > kMaxUpdateBytes) return Status::too_large;
    }
    return Status::ok;
  }

  void one_struct() {
    const uint8_t info = info_.read();
    const Kind kind = static_cast<Kind>(info & kInfoKind);
    out_.u8(info);
    if (kind == Kind::gc) return out_.varuint(len_.read());
    if (kind == Kind::skip) return out_.varuint(rest_.varuint());
    if ((info & kInfoOrigin) != 0) id(left_clock_);
    if ((info & kInfoRightOrigin) != 0) id(right_clock_);
    if ((info & (kInfoOrigin | kInfoRightOrigin)) == 0) {
      const bool root = parent_info_.read() == 1;
      out_.varuint(root ? 1 : 0);
      if (root) {
        out_.string(string_.read());
      } else {
        id(left_clock_);
      }
      if ((info & kInfoKey) != 0) out_.string(string_.read());
    }
    content(kind);
  }

  void id(StepsReader& clock) {
    out_.varuint(client_.read());
    out_.varuint(clock.read());
  }

  void content(Kind kind) {
    switch (kind) {
      case Kind::deleted: return out_.varuint(len_.read());
      case Kind::string: return out_.string(string_.read());
      case Kind::binary: return out_.bytes(rest_.bytes());
      case Kind::embed: return json();
      case Kind::format: key(); return json();
      case Kind::type: {
        const uint64_t type = type_ref_.read();
        out_.varuint(type);
        if (type == kXmlElementType || type == kXmlHookType) key();
        return;
      }
      case Kind::json:
      case Kind::any: {
        const uint64_t count = len_.read();
        if (count > kMaxValuesPerUpdate || !ok()) return rest_.fail();
        out_.varuint(count);
        for (uint64_t i = 0; i < count && ok(); ++i) {
          if (kind == Kind::any) {
            any();
          } else if (budget_-- > 0) {
            out_.string(string_.read());
          } else {
            rest_.fail();
          }
        }
        return;
      }
      case Kind::doc: out_.string(string_.read()); return any();
      case Kind::gc:
      case Kind::skip: return;
    }
    rest_.fail();
  }

  Bytes any_bytes() {
    const Bytes from = rest_.rest();
    skip_any(rest_, budget_);
    return from.first(from.size() - rest_.remaining());
  }
  void any() { out_.raw(any_bytes()); }

  // v2 has the value itself where v1 has its JSON text; what JSON lacks becomes null.
  void json() {
    const Bytes value = any_bytes();
    if (!rest_.ok()) return;
    Reader in(value);
    std::string text;
    if (!append_any_json(in, text)) text = "null";
    out_.string(text);
  }

  // Names are numbered as they come; writers never use a number twice, but they might.
  void key() {
    const uint64_t number = key_clock_.read();
    if (number >= keys_.size()) keys_.emplace_back(string_.read());
    out_.string(keys_[std::min<uint64_t>(number, keys_.size() - 1)]);
  }

  Status deletes() {
    const uint64_t clients = rest_.varuint();
    if (!ok() || clients > rest_.remaining()) return Status::malformed;
    out_.varuint(clients);
    for (uint64_t i = 0; i < clients; ++i) {
      const uint64_t client = rest_.varuint();
      const uint64_t ranges = rest_.varuint();
      if (!ok() || ranges > rest_.remaining() / 2) return Status::malformed;
      out_.varuint(client);
      out_.varuint(ranges);
      uint64_t clock = 0;
      for (uint64_t j = 0; j < ranges; ++j) {
        clock += rest_.varuint();
        const uint64_t len = rest_.varuint() + 1;
        if (!rest_.ok() || clock > kMaxSafeInteger) return Status::malformed;
        out_.varuint(clock);
        out_.varuint(len);
        clock += len;
      }
    }
    return ok() ? Status::ok : Status::malformed;
  }

  size_t size_;
  Reader rest_;
  uint64_t flags_;
  StepsReader key_clock_{rest_.bytes()};
  RunsReader client_{rest_.bytes()};
  StepsReader left_clock_{rest_.bytes()};
  StepsReader right_clock_{rest_.bytes()};
  BytesReader info_{rest_.bytes()};
  StringsReader string_{rest_.bytes()};
  BytesReader parent_info_{rest_.bytes()};
  RunsReader type_ref_{rest_.bytes()};
  RunsReader len_{rest_.bytes()};
  std::vector<std::string> keys_;
  uint64_t structs_ = 0;
  size_t budget_ = kMaxValuesPerUpdate;
  Writer out_;
  std::vector<uint8_t>* bytes_ = nullptr;
};

class ToV2 {
 public:
  ToV2(const Update& update, const ClientTable& clients) : update_(update), clients_(clients) {}

  void run(std::vector<uint8_t>& out) {
    structs();
    deletes();
    Writer writer(out);
    writer.varuint(0);
    for (const auto* column : {&key_clock_.finish(), &client_.finish(), &left_clock_.finish(),
                               &right_clock_.finish(), &info_.finish()}) {
      writer.bytes(*column);
    }
    writer.bytes(string_.finish());
    for (const auto* column : {&parent_info_.finish(), &type_ref_.finish(), &len_.finish()}) {
      writer.bytes(*column);
    }
    writer.raw(rest_bytes_);
  }

 private:
  void structs() {
    std::vector<Section> sections = update_.sections;
    std::sort(sections.begin(), sections.end(), [&](const Section& a, const Section& b) {
      return clients_.id(a.client) > clients_.id(b.client);
    });
    rest_.varuint(sections.size());
    for (const Section& section : sections) {
      rest_.varuint(section.end - section.begin);
      client_.write(clients_.id(section.client));
      rest_.varuint(update_.structs[section.begin].clock);
      for (uint32_t i = section.begin; i < section.end; ++i) one_struct(update_.structs[i]);
    }
  }

  void id(uint32_t client, uint32_t clock, StepsWriter& clocks) {
    client_.write(clients_.id(client));
    clocks.write(clock);
  }

  void one_struct(const WireStruct& item) {
    if (!item.is_item()) {
      info_.write(static_cast<uint8_t>(item.kind));
      return item.kind == Kind::gc ? len_.write(item.len) : rest_.varuint(item.len);
    }
    info_.write(item.info);
    if ((item.info & kInfoOrigin) != 0) id(item.origin_client, item.origin_clock, left_clock_);
    if ((item.info & kInfoRightOrigin) != 0) id(item.right_client, item.right_clock, right_clock_);
    if (item.names_parent()) {
      const ParentName name = parent_name(item);
      parent_info_.write(item.parent_item ? 0 : 1);
      if (item.parent_item) {
        id(item.origin_client, item.origin_clock, left_clock_);
      } else {
        string_.write(name.root);
      }
      if (name.has_key) string_.write(name.key);
    }
    content(item);
  }

  void key(std::string_view name) {
    key_clock_.write(keys_++);
    string_.write(name);
  }

  void content(const WireStruct& item) {
    Reader in(item.content());
    switch (item.kind) {
      case Kind::gc:
      case Kind::skip: return;
      case Kind::deleted: return len_.write(item.len);
      case Kind::string: return string_.write(as_text(item.content()));
      case Kind::binary: return rest_.raw(item.content());
      case Kind::embed: return append_json_as_any(in.string(), rest_bytes_);
      case Kind::format: key(in.string()); return append_json_as_any(in.string(), rest_bytes_);
      case Kind::type: {
        const uint64_t type = in.varuint();
        type_ref_.write(type);
        if (type == kXmlElementType || type == kXmlHookType) key(in.string());
        return;
      }
      case Kind::any: len_.write(item.len); return rest_.raw(item.content());
      case Kind::json:
        len_.write(item.len);
        for (uint32_t i = 0; i < item.len; ++i) string_.write(in.string());
        return;
      case Kind::doc: string_.write(in.string()); return rest_.raw(in.rest());
    }
  }

  // Sorted and disjoint, as the differences on the wire demand.
  void deletes() {
    const std::vector<DeletedRange> merged = joined_deletes(update_, clients_);
    size_t count = 0;
    for (size_t i = 0; i < merged.size(); ++i) {
      count += i == 0 || merged[i].client != merged[i - 1].client ? 1 : 0;
    }
    rest_.varuint(count);
    for (size_t i = 0; i < merged.size();) {
      size_t end = i;
      while (end < merged.size() && merged[end].client == merged[i].client) ++end;
      rest_.varuint(clients_.id(merged[i].client));
      rest_.varuint(end - i);
      for (uint32_t clock = 0; i < end; ++i) {
        rest_.varuint(merged[i].clock - clock);
        rest_.varuint(merged[i].len - 1);
        clock = merged[i].clock + merged[i].len;
      }
    }
  }

  const Update& update_;
  const ClientTable& clients_;
  uint64_t keys_ = 0;
  StepsWriter key_clock_, left_clock_, right_clock_;
  RunsWriter client_, type_ref_, len_;
  BytesWriter info_, parent_info_;
  StringsWriter string_;
  std::vector<uint8_t> rest_bytes_;
  Writer rest_{rest_bytes_};
};

}  // namespace

Status update_from_v2(Bytes v2, std::vector<uint8_t>& out) {
  if (v2.size() > kMaxUpdateBytes) return Status::too_large;
  std::vector<uint8_t> v1;
  FromV2 reader(v2, v1);
  reader.attach(v1);
  FRESHET_CHECK(reader.run());
  // v1's own rules (JSON, types, clocks) have not been looked at yet.
  ClientTable clients(0);
  Update update;
  FRESHET_CHECK(decode_update(v1, clients, update));
  out.insert(out.end(), v1.begin(), v1.end());
  return Status::ok;
}

Status update_to_v2(Bytes v1, std::vector<uint8_t>& out) {
  ClientTable clients(0);
  Update update;
  FRESHET_CHECK(decode_update(v1, clients, update));
  ToV2(update, clients).run(out);
  return Status::ok;
}

}  // namespace freshet::crdt

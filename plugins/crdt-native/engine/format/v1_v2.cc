#include "format/v1_v2.h"

#include <algorithm>

#include "format/columns.h"
#include "format/v2_writer.h"
#include "freshet/crdt/limits.h"
#include "values/kept_value.h"
#include "values/type_ref.h"
#include "values/values.h"

namespace freshet::crdt {

namespace {

class FromV2 {
 public:
  FromV2(Bytes bytes, const UpdateLimits& limits)
      : limits_(limits),
        max_structs_(std::min(limits.structs, limits.structs_free_in_v2 +
                                                  limits.structs_per_byte_in_v2 * bytes.size())),
        rest_(bytes),
        flags_(rest_.varuint()) {}

  Status run() {
    const uint64_t clients = rest_.varuint();
    if (!rest_.ok() || flags_ != 0 || clients > rest_.remaining()) return Status::malformed;
    out_.varuint(clients);
    for (uint64_t i = 0; i < clients; ++i) FRESHET_CHECK(block());
    FRESHET_CHECK(deletes());
    return refused_by_json_ ? Status::unsupported : Status::ok;
  }

  // What was made, if run() was content with it. Valid as long as this.
  Bytes v1() const { return out_.written(); }

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
    if (structs > max_structs_ - structs_) return Status::too_large;
    structs_ += structs;
    out_.varuint(structs);
    out_.varuint(client);
    out_.varuint(clock);
    for (uint64_t i = 0; i < structs; ++i) {
      one_struct();
      if (!ok()) return Status::malformed;
      if (out_.size() > limits_.bytes) return Status::too_large;
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
      case Kind::embed: return value();
      case Kind::format: key(); return value();
      case Kind::type: {
        const uint64_t type = type_ref_.read();
        out_.varuint(type);
        if (type == kXmlElementType || type == kXmlHookType) key();
        return;
      }
      case Kind::json:
      case Kind::any: {
        const uint64_t count = len_.read();
        if (count > limits_.values || !ok()) return rest_.fail();
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

  // v2 has the value itself where v1 has its JSON text. What JSON lacks is kept if that is wanted;
  // else it becomes null, or, where JSON.stringify throws, nothing is written.
  void value() {
    const Bytes any = any_bytes();
    if (!rest_.ok()) return;
    const std::string kept = kept_value(any);
    if (limits_.kept_values) return out_.string(kept);
    refused_by_json_ = refused_by_json_ || json_refuses_kept(kept);
    out_.string(json_of_kept(kept));
  }

  // Names are numbered as they come; writers never use a number twice, but they might.
  void key() {
    const uint64_t number = key_clock_.read();
    if (number >= keys_.size()) keys_.emplace_back(string_.read());
    out_.string(keys_[std::min<uint64_t>(number, keys_.size() - 1)]);
  }

  // As they are, in the form of v1.
  struct Deletions {
    FromV2& from;
    DeleteSetWriter<Column> out{from.out_, DeleteForm::v1};
    uint64_t id = 0;

    Status clients(uint64_t count) {
      out.clients(count);
      return Status::ok;
    }
    Status client() {
      id = from.rest_.varuint();
      return Status::ok;
    }
    Status ranges(uint64_t count) {
      out.client(id, count);
      return Status::ok;
    }
    Status range(RangesOfClient::Range range) {
      if (range.clock > kMaxSafeInteger) return Status::malformed;
      out.range(range.clock, range.len);
      return Status::ok;
    }
  };

  Status deletes() {
    if (!ok()) return Status::malformed;
    return read_delete_set(rest_, DeleteForm::v2, Deletions{*this});
  }

  const UpdateLimits& limits_;
  const size_t max_structs_;
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
  bool refused_by_json_ = false;
  size_t budget_ = limits_.values;
  Column out_;
};

void write_struct(const WireStruct& item, const ClientTable& clients, V2Writer& out);

void write_structs(const Update& update, const ClientTable& clients, V2Writer& out) {
  const std::vector<Section> sections = sections_in_order(update, clients);
  out.clients(sections.size());
  for (const Section& section : sections) {
    out.section(section.end - section.begin, clients.id(section.client),
                update.structs[section.begin].clock);
    for (uint32_t i = section.begin; i < section.end; ++i) {
      write_struct(update.structs[i], clients, out);
    }
  }
}

void write_struct(const WireStruct& item, const ClientTable& clients, V2Writer& out) {
  if (item.kind == Kind::gc) return out.gc(item.len);
  if (item.kind == Kind::skip) return out.skip(item.len);
  out.info(item.info);
  if (item.origin()) out.left_id(clients.id(item.origin_client), item.origin_clock);
  if (item.right_origin()) out.right_id(clients.id(item.right_client), item.right_clock);
  if (item.names_parent()) {
    const ParentName name = parent_name(item);
    if (item.parent_item) {
      out.parent(clients.id(item.origin_client), item.origin_clock);
    } else {
      out.parent(name.root);
    }
    if (name.has_key) out.key(name.key);
  }
  out.content(item.kind, item.len, item.content());
}

}  // namespace

Status unchecked_v1_of(Bytes v2, std::vector<uint8_t>& out, const UpdateLimits& limits) {
  if (v2.size() > limits.bytes) return Status::too_large;
  FromV2 reader(v2, limits);
  FRESHET_CHECK(reader.run());
  out.insert(out.end(), reader.v1().begin(), reader.v1().end());
  return Status::ok;
}

Status v2_of(Bytes v1, std::vector<uint8_t>& out, const UpdateLimits& limits) {
  ClientTable clients(seed_for(&v1));
  Update update;
  FRESHET_CHECK(decode_update(v1, clients, update, limits));
  V2Writer writer;
  write_structs(update, clients, writer);
  update.deletes.join(clients);
  update.deletes.write(clients, writer.deletions());
  writer.finish(out);
  return Status::ok;
}

}  // namespace freshet::crdt

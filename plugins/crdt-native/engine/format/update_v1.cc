#include "format/update_v1.h"

#include <algorithm>

#include "freshet/crdt/limits.h"
#include "items/text_log.h"
#include "values/kept_value.h"
#include "values/type_ref.h"
#include "values/values.h"

namespace freshet::crdt {

namespace {

class UpdateDecoder {
 public:
  UpdateDecoder(Bytes bytes, ClientTable& clients, Update& out, const UpdateLimits& limits)
      : in_(bytes), clients_(clients), out_(out), limits_(limits) {}

  Status run() {
    const uint64_t sections = in_.varuint();
    // A section takes at least three bytes.
    if (!in_.ok() || sections > in_.remaining()) return Status::malformed;
    if (sections > limits_.clients) return Status::too_large;
    for (uint64_t i = 0; i < sections; ++i) FRESHET_CHECK(read_section());
    // Other readers keep one of two blocks of a client: nobody can mean this.
    if (out_.sections.size() > sections_before_ + 1 && names_a_client_twice()) {
      return Status::malformed;
    }
    FRESHET_CHECK(read_deletes());
    if (!in_.at_end() || !in_.shortest()) out_.canonical = false;
    return Status::ok;
  }

  // Looks at structs one by one and keeps none.
  Status run_without_keeping(const std::function<void(const WireStruct&)>& look) {
    look_ = &look;
    return run();
  }

  // One struct at the reader; its clock and client are given.
  Status read_struct(uint32_t client, uint64_t clock, WireStruct& item);

 private:
  struct Deletions;

  Status fail(Status status) {
    if (refused_ == Status::ok) refused_ = status;
    return refused_;
  }
  // What to answer for a reader that failed: its own verdict unless a limit was the cause.
  Status verdict() const { return refused_ == Status::ok ? Status::malformed : refused_; }

  bool names_a_client_twice() const;
  Status read_section();
  void reserve(uint64_t count);
  Status read_deletes();
  uint32_t read_client();
  void read_id(uint32_t& client, uint32_t& clock);
  void read_parent(WireStruct& item);
  void read_flags_of_none(const WireStruct& item);
  uint64_t read_content(WireStruct& item);
  uint64_t read_values(WireStruct& item);
  void read_type();
  void read_json();

  Reader in_;
  const std::function<void(const WireStruct&)>* look_ = nullptr;
  ClientTable& clients_;
  Update& out_;
  const size_t sections_before_ = out_.sections.size();
  Status refused_ = Status::ok;
  const UpdateLimits& limits_;
  size_t budget_ = limits_.values;
};

bool UpdateDecoder::names_a_client_twice() const {
  std::vector<uint32_t> clients;
  for (size_t i = sections_before_; i < out_.sections.size(); ++i) {
    clients.push_back(out_.sections[i].client);
  }
  std::sort(clients.begin(), clients.end());
  return std::adjacent_find(clients.begin(), clients.end()) != clients.end();
}

uint32_t UpdateDecoder::read_client() {
  if (const auto written = clients_.written_at(in_.rest()); written.size > 0) [[likely]] {
    in_.take(written.size);
    return written.number;
  }
  const uint64_t id = in_.varuint();
  if (!in_.ok()) return kNoClient;
  const uint32_t number = clients_.intern(id);
  if (number == kNoClient) {
    (void)fail(Status::limit);
    in_.fail();
  }
  return number;
}

void UpdateDecoder::read_id(uint32_t& client, uint32_t& clock) {
  client = read_client();
  const uint64_t value = in_.varuint();
  if (value >= kMaxClock) {
    (void)fail(Status::too_large);
    in_.fail();
  }
  clock = static_cast<uint32_t>(value);
}

void UpdateDecoder::read_parent(WireStruct& item) {
  const uint64_t is_root = in_.varuint();
  if (is_root > 1) out_.canonical = false;
  if (is_root == 1) {
    if (in_.string().size() > kMaxRootNameBytes) {
      (void)fail(Status::too_large);
      in_.fail();
    }
    ++out_.new_roots;
  } else {
    item.parent_item = true;
    read_id(item.origin_client, item.origin_clock);
  }
  if ((item.info & kInfoKey) != 0 && in_.string().size() > kMaxKeyBytes) {
    (void)fail(Status::too_large);
    in_.fail();
  }
}

// Of what is no item. Flags mean nothing there; readers differ on a Skip with flags.
void UpdateDecoder::read_flags_of_none(const WireStruct& item) {
  const bool skip = item.kind == Kind::skip;
  if (skip) out_.gappy = true;
  if (item.info == static_cast<uint8_t>(item.kind)) return;
  if (skip) in_.fail();
  out_.canonical = false;
}

void UpdateDecoder::read_json() {
  const std::string_view text = read_kept(in_);
  if (!in_.ok()) return;
  if (!limits_.kept_values || !is_kept_any(text)) {
    if (!valid_utf8(as_bytes(text)) || !valid_json(text, budget_)) in_.fail();
    return;
  }
  Reader any(kept_any(text));
  skip_any(any, budget_);
  if (!any.ok() || !any.at_end()) return in_.fail();
  out_.refused_by_json = out_.refused_by_json || json_refuses(kept_any(text));
}

void UpdateDecoder::read_type() {
  const uint64_t type = in_.varuint();
  if (type > kXmlTextType) return in_.fail();
  if ((type == kXmlElementType || type == kXmlHookType) && in_.string().size() > kMaxKeyBytes) {
    (void)fail(Status::too_large);
    in_.fail();
  }
}

uint64_t UpdateDecoder::read_values(WireStruct& item) {
  const uint64_t count = in_.varuint();
  if (count > in_.remaining()) return in_.fail(), uint64_t{0};
  item.body = static_cast<uint32_t>(in_.offset());
  for (uint64_t i = 0; i < count && in_.ok(); ++i) {
    if (item.kind == Kind::any) {
      skip_any(in_, budget_);
      continue;
    }
    const std::string_view text = in_.string();
    if (text != "undefined" && !valid_json(text, budget_)) in_.fail();
  }
  return count;
}

// Returns the length in clock ticks. `body` is left as an offset into the whole update.
uint64_t UpdateDecoder::read_content(WireStruct& item) {
  item.body = static_cast<uint32_t>(in_.offset());
  switch (item.kind) {
    case Kind::string: {
      const Bytes text = in_.bytes();
      item.body = static_cast<uint32_t>(in_.offset() - text.size());
      if (text.size() == 1 && text[0] < 0x80) return 1;
      if (!valid_utf8(text)) in_.fail();
      return utf16_length(text);
    }
    case Kind::gc:
    case Kind::skip:
    case Kind::deleted: return in_.varuint();
    case Kind::any:
    case Kind::json: return read_values(item);
    case Kind::binary: in_.bytes(); return 1;
    case Kind::embed: read_json(); return 1;
    case Kind::format:
      if (in_.string().size() > kMaxKeyBytes) in_.fail();
      read_json();
      return 1;
    case Kind::type: read_type(); return 1;
    case Kind::doc:
      in_.string();
      // Options are an object; anything else makes Yjs throw.
      if (in_.rest().empty() || in_.rest()[0] != kAnyObject) return in_.fail(), uint64_t{0};
      skip_any(in_, budget_);
      return 1;
  }
  return in_.fail(), uint64_t{0};
}

Status UpdateDecoder::read_struct(uint32_t client, uint64_t clock, WireStruct& item) {
  const Bytes from = in_.rest();
  const auto start = static_cast<uint32_t>(in_.offset());
  item.at = from.data();
  item.client = client;
  item.clock = static_cast<uint32_t>(clock);
  item.info = in_.u8();
  item.kind = static_cast<Kind>(item.info & kInfoKind);
  if (item.is_item()) {
    if ((item.info & kInfoOrigin) != 0) read_id(item.origin_client, item.origin_clock);
    if ((item.info & kInfoRightOrigin) != 0) read_id(item.right_client, item.right_clock);
    if (item.names_parent()) read_parent(item);
  } else {
    read_flags_of_none(item);
  }
  const uint64_t len = read_content(item);
  if (!in_.ok()) return verdict();
  if (clock + len > kMaxClock || len > kMaxClock) return Status::too_large;
  // An item refers to what was there before it, its own client's items included.
  const auto in_own_future = [&](uint32_t who, uint32_t when) {
    return who == client && when >= clock;
  };
  if (in_own_future(item.origin_client, item.origin_clock) ||
      in_own_future(item.right_client, item.right_clock)) {
    return Status::malformed;
  }
  item.len = static_cast<uint32_t>(len);
  item.size = static_cast<uint32_t>(in_.offset() - start);
  item.body -= start;
  return Status::ok;
}

Status UpdateDecoder::read_section() {
  const uint64_t count = in_.varuint();
  const uint32_t client = read_client();
  uint64_t clock = in_.varuint();
  // The smallest struct takes two bytes.
  if (!in_.ok() || count > in_.remaining() / 2) return verdict();
  if (count > limits_.structs - out_.structs.size()) return Status::too_large;
  if (clock > kMaxClock) return Status::too_large;
  if (count == 0) out_.canonical = false;
  Section section{client, static_cast<uint32_t>(out_.structs.size()), 0};
  reserve(count);
  for (uint64_t i = 0; i < count; ++i) {
    WireStruct& item = out_.structs.emplace_back();
    FRESHET_CHECK(read_struct(client, clock, item));
    clock = item.end();
    if (item.len == 0) {
      out_.structs.pop_back();
      out_.canonical = false;
    } else if (look_ != nullptr) {
      (*look_)(item);
      out_.structs.pop_back();
    }
  }
  section.end = static_cast<uint32_t>(out_.structs.size());
  if (section.begin != section.end) out_.sections.push_back(section);
  return Status::ok;
}

// A list that grows by doubling holds three times its records at the worst moment.
void UpdateDecoder::reserve(uint64_t count) {
  const size_t size = out_.structs.size();
  if (look_ == nullptr && count > size) out_.structs.reserve(size + count);
}

// Takes the deletions of an update, within its limits.
struct UpdateDecoder::Deletions {
  UpdateDecoder& decoder;
  uint32_t number = kNoClient;  // of the client

  Status clients(uint64_t count) const {
    return count > decoder.limits_.clients ? Status::too_large : Status::ok;
  }
  Status client() {
    number = decoder.read_client();
    return number == kNoClient ? decoder.verdict() : Status::ok;
  }
  Status ranges(uint64_t count) const {
    const size_t room = decoder.limits_.ranges - decoder.out_.deletes.size();
    if (count == 0) decoder.out_.canonical = false;
    return count > room ? Status::too_large : Status::ok;
  }
  Status range(RangesOfClient::Range range) const {
    const auto [clock, len] = range;
    if (clock > kMaxClock || len > kMaxClock - clock) return Status::too_large;
    if (len == 0) {
      decoder.out_.canonical = false;
    } else {
      decoder.out_.deletes.add(number, static_cast<uint32_t>(clock), static_cast<uint32_t>(len));
    }
    return Status::ok;
  }
};

Status UpdateDecoder::read_deletes() {
  return read_delete_set(in_, DeleteForm::v1, Deletions{*this});
}

}  // namespace

void Update::clear() {
  structs.clear();
  sections.clear();
  deletes.clear();
  new_roots = 0;
  gappy = false;
  canonical = true;
}

Status decode_update(Bytes bytes, ClientTable& clients, Update& out, const UpdateLimits& limits) {
  out.clear();
  return decode_behind(bytes, clients, out, limits);
}

Status decode_behind(Bytes bytes, ClientTable& clients, Update& out, const UpdateLimits& limits) {
  if (bytes.size() > limits.bytes) return Status::too_large;
  const uint32_t known = clients.size();
  const Status status = UpdateDecoder(bytes, clients, out, limits).run();
  if (status != Status::ok) clients.truncate(known);
  return status;
}

Status look_at_structs(Bytes bytes, ClientTable& clients, Update& out,
                       const std::function<void(const WireStruct&)>& look) {
  out.clear();
  return UpdateDecoder(bytes, clients, out, kStoredLimits).run_without_keeping(look);
}

WireStruct reread_struct(Bytes bytes, uint32_t client, uint32_t clock, ClientTable& clients) {
  Update ignored;
  WireStruct item;
  const Status status =
      UpdateDecoder(bytes, clients, ignored, kInternalLimits).read_struct(client, clock, item);
  assert(status == Status::ok);
  (void)status;
  return item;
}

std::vector<Section> sections_in_order(const Update& update, const ClientTable& clients) {
  std::vector<Section> sections = update.sections;
  std::sort(sections.begin(), sections.end(), [&](const Section& a, const Section& b) {
    return clients.precedes(a.client, b.client);
  });
  return sections;
}

namespace {

// The structs of a section that reach beyond `from`, the first of them cut there.
void write_section(const Update& update, const Section& section, uint32_t from,
                   const ClientTable& clients, size_t& blocks, Writer& out) {
  uint32_t begin = section.begin;
  while (begin < section.end && (update.structs[begin].end() <= from ||
                                 (from > 0 && update.structs[begin].kind == Kind::skip))) {
    ++begin;
  }
  if (begin == section.end) return;
  const WireStruct& first = update.structs[begin];
  const uint32_t skip = first.clock < from ? from - first.clock : 0;
  ++blocks;
  out.varuint(section.end - begin);
  out.varuint(clients.id(section.client));
  out.varuint(first.clock + skip);
  for (uint32_t i = begin; i < section.end; ++i) {
    write_struct(update.structs[i], i == begin ? skip : 0, clients, out);
  }
}

}  // namespace

void write_update(const Update& update, const ClientTable& clients, std::vector<uint8_t>& out) {
  write_update(update, clients, StateVector(), out);
}

void write_update(const Update& update, const ClientTable& clients, const StateVector& from,
                  std::vector<uint8_t>& out) {
  std::vector<uint8_t> body;
  Writer sections(body);
  size_t blocks = 0;
  for (const Section& section : sections_in_order(update, clients)) {
    write_section(update, section, from.of(section.client), clients, blocks, sections);
  }
  Writer writer(out);
  writer.varuint(blocks);
  writer.raw(body);
  DeleteSet deletes = update.deletes;
  deletes.join(clients);
  deletes.write(clients, DeleteSetWriter(writer, DeleteForm::v1));
}

}  // namespace freshet::crdt

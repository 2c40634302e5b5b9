#include "core/cluster/bus_message.h"

#include <algorithm>

#include "core/cluster/limits.h"
#include "freshet/format/codec.h"

namespace freshet::bus {
namespace {

constexpr uint8_t kVersion = 1;

// The alternatives of Part, in their order, from 1.
uint64_t kind_of(const Part& part) { return part.index() + 1; }

void put(Writer& out, const freshet_epoch& epoch) { out.raw(epoch.bytes); }

freshet_epoch epoch(Reader& in) {
  freshet_epoch out{};
  const Bytes bytes = in.take(sizeof(out.bytes));
  std::ranges::copy(bytes, out.bytes);
  return out;
}

void put(Writer& out, const freshet_writer& writer) {
  out.raw(writer.run);
  out.varuint(writer.shard);
}

freshet_writer writer(Reader& in) {
  freshet_writer out{};
  std::ranges::copy(in.take(sizeof(out.run)), out.run);
  out.shard = static_cast<uint32_t>(in.varuint());
  return out;
}

// ---- fields, each as it is written and read

void put(Writer& out, const Edit& edit) {
  out.varuint(edit.number);
  out.u8(edit.epoch ? 1 : 0);
  if (edit.epoch) put(out, *edit.epoch);
  out.varuint(edit.client);
  out.string(edit.user);
  out.string(edit.user_id);
  out.bytes(edit.update);
}

void get(Reader& in, Edit& edit) {
  edit.number = in.varuint();
  if (in.u8() != 0) edit.epoch = epoch(in);
  edit.client = in.varuint();
  edit.user = in.string();
  edit.user_id = in.string();
  edit.update = in.bytes();
}

void put(Writer& out, const Stored& stored) {
  put(out, stored.epoch);
  for (const uint64_t each : {stored.first_number, stored.last_number, stored.updates,
                              stored.first_seq, stored.last_seq}) {
    out.varuint(each);
  }
  out.u8(stored.all_said ? 1 : 0);
  out.u8(stored.before ? 1 : 0);
  if (!stored.before) return;
  put(out, stored.before->by);
  out.varuint(stored.before->number);
}

void get(Reader& in, Stored& stored) {
  stored.epoch = epoch(in);
  for (uint64_t* each : {&stored.first_number, &stored.last_number, &stored.updates,
                         &stored.first_seq, &stored.last_seq}) {
    *each = in.varuint();
  }
  stored.all_said = in.u8() != 0;
  // Older nodes say no more.
  if (!in.at_end() && in.u8() != 0) {
    const freshet_writer by = writer(in);
    stored.before = {by, in.varuint()};
  }
  if (stored.first_seq > stored.last_seq || stored.first_number > stored.last_number) in.fail();
}

void put(Writer& out, const Person& person) {
  for (const uint64_t each : {person.member, person.client, person.clock, person.changed_unix_ms}) {
    out.varuint(each);
  }
  out.u8(person.renewed ? 1 : 0);
  out.string(person.user);
  out.u8(person.json ? 1 : 0);
  if (person.json) out.string(*person.json);
}

void get(Reader& in, Person& person) {
  for (uint64_t* each : {&person.member, &person.client, &person.clock, &person.changed_unix_ms}) {
    *each = in.varuint();
  }
  person.renewed = in.u8() != 0;
  person.user = in.string();
  if (in.u8() != 0) person.json = in.string();
}

void put(Writer& out, const Event& event) {
  out.string(event.name);
  out.string(event.json);
  out.varuint(event.client);
  out.string(event.user);
}

void get(Reader& in, Event& event) {
  event.name = in.string();
  event.json = in.string();
  event.client = in.varuint();
  event.user = in.string();
}

void put(Writer& out, const Here& here) {
  for (const bool each : {here.asks, here.again, here.whole}) out.u8(each ? 1 : 0);
}
void get(Reader& in, Here& here) {
  for (bool* each : {&here.asks, &here.again, &here.whole}) *each = in.u8() != 0;
}

void put(Writer& out, const Digest& digest) {
  out.varuint(digest.people);
  out.varuint(digest.sum);
}
void get(Reader& in, Digest& digest) {
  digest.people = in.varuint();
  digest.sum = in.varuint();
}

void put(Writer& out, const Evict& evict) { out.varuint(evict.client); }
void get(Reader& in, Evict& evict) { evict.client = in.varuint(); }

void put(Writer&, const Gone&) {}
void get(Reader&, Gone&) {}
void put(Writer&, const Replaced&) {}
void get(Reader&, Replaced&) {}

// ---- a part

template <size_t I = 0>
Result<Part> part_of(uint64_t kind, Bytes fields) {
  if constexpr (I == std::variant_size_v<Part>) {
    return Status::unsupported;
  } else {
    if (kind != I + 1) return part_of<I + 1>(kind, fields);
    std::variant_alternative_t<I, Part> part;
    Reader in(fields);
    get(in, part);
    if (!in.ok()) return Status::malformed;
    return Part(part);
  }
}

freshet_writer header(Reader& in) {
  freshet_writer writer{};
  if (in.u8() != kVersion) in.fail();
  std::ranges::copy(in.take(sizeof(writer.run)), writer.run);
  return writer;
}

}  // namespace

void write(std::vector<uint8_t>& parts, const Part& part) {
  std::vector<uint8_t> fields;
  Writer body(fields);
  std::visit([&](const auto& each) { put(body, each); }, part);
  Writer out(parts);
  out.varuint(kind_of(part));
  out.bytes(fields);
}

std::vector<uint8_t> message_of(const From& from, Bytes parts) {
  std::vector<uint8_t> message;
  message.reserve(parts.size() + kMessageHeaderBytes);
  Writer out(message);
  out.u8(kVersion);
  put(out, from.writer);
  out.varuint(from.stream);
  out.varuint(from.number);
  out.raw(parts);
  return message;
}

Result<Message> read(Bytes bytes) {
  if (!bytes.empty() && bytes.front() != kVersion) return Status::unsupported;
  Reader in(bytes);
  Message message;
  message.from.writer = header(in);
  message.from.writer.shard = static_cast<uint32_t>(in.varuint());
  message.from.stream = in.varuint();
  message.from.number = in.varuint();
  while (in.ok() && !in.at_end()) {
    const uint64_t kind = in.varuint();
    const Bytes fields = in.bytes();
    if (!in.ok()) break;
    Result<Part> part = part_of(kind, fields);
    if (part.status() == Status::malformed) return Status::malformed;
    if (part) message.parts.push_back(*part);
  }
  if (!in.ok()) return Status::malformed;
  return message;
}

std::optional<freshet_writer> writer_of(Bytes message) {
  Reader in(message);
  const freshet_writer writer = header(in);
  if (!in.ok()) return std::nullopt;
  return writer;
}

}  // namespace freshet::bus

// engine-cli: the engine behind one JSON request and one JSON reply per line, for the driver of the
// conformance corpora (HARNESS.md beside them). Requests come in order; exits 0 when stdin closes.
#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <string>

#include "api/internals.h"
#include "encode/markup.h"
#include "format/columns.h"
#include "freshet/crdt/awareness.h"
#include "freshet/crdt/cleanup.h"
#include "freshet/crdt/doc.h"
#include "freshet/crdt/limits.h"
#include "freshet/crdt/relative_position.h"
#include "freshet/crdt/snapshot.h"
#include "freshet/crdt/transaction.h"
#include "freshet/crdt/undo.h"
#include "freshet/crdt/updates.h"
#include "ops.h"
#include "tagged.h"
#include "values/type_ref.h"
#include "values/values.h"

namespace freshet::conformance {
namespace {

using crdt::Doc;

// A refused request: what the reply says.
struct Refused {
  std::string err;
  std::string msg;
};

void check(Status status) {
  if (status == Status::ok) return;
  throw Refused{"malformed", std::string(name_of(status))};
}

class Engine {
 public:
  Json answer(const Json& q) {
    const auto command = commands_.find(q.at("cmd").get<std::string>());
    if (command == commands_.end()) throw Refused{"unsupported", "no such command"};
    return (this->*command->second)(q);
  }

 private:
  using Command = Json (Engine::*)(const Json&);

  static Buffer bytes(const Json& q, const char* field) {
    return from_base64(q.at(field).get<std::string>());
  }
  // An update of the request as v1.
  static Buffer as_v1(int fmt, Buffer update) {
    if (fmt == 1) return update;
    Buffer out;
    check(crdt::update_from_v2(update, out));
    return out;
  }
  static Json from_v1(int fmt, const Buffer& update) {
    if (fmt == 1) return to_base64(update);
    Buffer out;
    check(crdt::update_to_v2(update, out));
    return to_base64(out);
  }

  struct Open {
    Doc doc;
    uint64_t client = 0;
    bool cleans = false;                  // formats, after each update
    std::vector<std::string> texts = {};  // root types that are
  };
  Open& open(const Json& q) {
    const auto it = docs_.find(q.at("doc").get<std::string>());
    if (it == docs_.end()) throw Refused{"no-doc", ""};
    return it->second;
  }
  Doc& doc(const Json& q) { return open(q).doc; }

  Json hello(const Json&) {
    return {{"name", "freshet"},
            {"version", "0.1"},
            {"protocol", 1},
            {"caps",
             {"doc", "str", "pending", "raw", "lib0", "sync", "ops", "emits", "undo", "snapshot",
              "relpos", "awareness", "cleanup"}}};
  }
  Json doc_new(const Json& q) {
    const bool gc = q.value("gc", true);
    Open fresh{Doc({.collect_garbage = gc}), q.value("clientID", uint64_t{0})};
    fresh.cleans = q.value("cleanup", false);
    const Json roots = q.value("roots", Json::object());
    for (const auto& [name, kind] : roots.items()) {
      if (kind == "text" || kind == "xmltext") fresh.texts.push_back(name);
    }
    docs_.insert_or_assign(q.at("doc").get<std::string>(), std::move(fresh));
    return Json::object();
  }
  Json doc_free(const Json& q) {
    docs_.erase(q.at("doc").get<std::string>());
    return Json::object();
  }
  Json doc_apply(const Json& q) {
    const bool v2 = q.at("fmt") != 1;
    if (!q.value("emits", false) && !open(q).cleans) {
      const Buffer given = bytes(q, "u");
      const auto applied = v2 ? doc(q).apply_v2(given) : doc(q).apply(given);
      check(applied.status());
      return {{"contradicts", applied->contradicts}};
    }
    const Buffer update = as_v1(q.at("fmt"), bytes(q, "u"));
    Buffer changes, cleaned;
    Open& target = open(q);
    const auto applied =
        target.cleans ? crdt::apply_and_clean(target.doc, update, target.texts, changes, cleaned)
                      : target.doc.apply(update, changes);
    check(applied.status());
    Json emits = Json::array();
    for (const Buffer& emitted : {changes, cleaned}) {
      if (!emitted.empty()) emits.push_back(to_base64(emitted));
    }
    return {{"emits", emits}, {"contradicts", applied->contradicts}};
  }
  Json doc_sv(const Json& q) {
    Buffer out;
    doc(q).state_vector(out);
    return {{"sv", to_base64(out)}};
  }
  Json doc_encode(const Json& q) {
    Buffer out;
    const Buffer from = q.contains("sv") ? bytes(q, "sv") : Buffer();
    check(q.at("fmt") == 1 ? doc(q).diff(from, out) : doc(q).diff_v2(from, out));
    return {{"u", to_base64(out)}};
  }
  Json doc_tree(const Json& q) {
    const crdt::Tree& tree = crdt::Internals::of(doc(q)).tree;
    Json out = Json::object();
    for (const auto& [name, kind] : q.at("roots").items()) {
      const uint32_t type = tree.find_root(name);
      out[name] = type == crdt::kNil ? tagged_empty(kind) : tagged_type(tree, type, kind);
    }
    return {{"tree", out}};
  }
  Json doc_str(const Json& q) {
    const crdt::Tree& tree = crdt::Internals::of(doc(q)).tree;
    static const std::map<std::string, uint8_t> kinds = {{"text", crdt::kTextType},
                                                         {"xmlfragment", crdt::kXmlFragmentType},
                                                         {"xmlelement", crdt::kXmlElementType},
                                                         {"xmltext", crdt::kXmlTextType}};
    Json out = Json::object();
    for (const auto& [name, kind] : q.at("roots").items()) {
      const auto ref = kinds.find(kind.get<std::string>());
      if (ref == kinds.end()) continue;
      std::string text;
      const uint32_t type = tree.find_root(name);
      if (type != crdt::kNil) crdt::append_markup(tree, type, ref->second, text);
      out[name] = text;
    }
    return {{"str", out}};
  }
  // Not of the driver: all roots as the engine shows them.
  Json doc_json(const Json& q) {
    std::string text;
    doc(q).json(text);
    return {{"json", Json::parse(text)}};
  }
  Json doc_pending(const Json& q) {
    const crdt::Stats stats = doc(q).stats();
    return {{"structs", stats.pending_structs > 0}, {"ds", stats.pending_deletes}};
  }

  Json doc_ops(const Json& q) {
    Buffer update;
    {
      Open& target = open(q);
      crdt::Transaction edit(target.doc, target.client, q.value("origin", "local"));
      for (const Json& op : q.at("ops")) check(perform(op, edit));
      check(edit.commit(update).status());
    }
    if (update.empty()) return {{"u1", nullptr}, {"u2", nullptr}};
    return {{"u1", to_base64(update)}, {"u2", from_v1(2, update)}};
  }

  Json raw_merge(const Json& q) {
    const Json& us = q.at("us");
    if (us.size() == 1) return {{"u", us[0]}};
    std::vector<Buffer> updates;
    for (const Json& u : us) updates.push_back(as_v1(q.at("fmt"), from_base64(u)));
    Buffer out;
    check(crdt::merge_updates(std::vector<Bytes>(updates.begin(), updates.end()), out,
                              crdt::Garbage::keep));
    return {{"u", from_v1(q.at("fmt"), out)}};
  }
  Json raw_diff(const Json& q) {
    Buffer out;
    check(crdt::diff_update(as_v1(q.at("fmt"), bytes(q, "u")), bytes(q, "sv"), out));
    return {{"u", from_v1(q.at("fmt"), out)}};
  }
  Json raw_sv(const Json& q) {
    Buffer out;
    check(crdt::state_vector_of(as_v1(q.at("fmt"), bytes(q, "u")), out));
    return {{"sv", to_base64(out)}};
  }
  Json raw_meta(const Json& q) {
    const Buffer v1 = as_v1(q.at("fmt"), bytes(q, "u"));
    crdt::ClientTable clients(0);
    crdt::Update update;
    check(crdt::decode_update(v1, clients, update));
    std::map<uint64_t, std::pair<uint32_t, uint32_t>, std::greater<>> spans;
    for (const crdt::Section& section : update.sections) {
      spans[clients.id(section.client)] = {update.structs[section.begin].clock,
                                           update.structs[section.end - 1].end()};
    }
    Json from = Json::array(), to = Json::array();
    for (const auto& [client, span] : spans) {
      from.push_back({client, span.first});
      to.push_back({client, span.second});
    }
    return {{"from", from}, {"to", to}};
  }
  Json raw_convert(const Json& q) {
    return {{"u", from_v1(q.at("to"), rewritten(as_v1(q.at("from"), bytes(q, "u"))))}};
  }
  static Buffer rewritten(const Buffer& v1) {
    Buffer out;
    check(crdt::reencode(v1, out));
    return out;
  }

  Json sync_step1(const Json& q) {
    Buffer vector, message;
    doc(q).state_vector(vector);
    Writer writer(message);
    writer.varuint(0);
    writer.bytes(vector);
    return {{"msg", to_base64(message)}};
  }
  Json sync_recv(const Json& q) {
    const Buffer message = bytes(q, "msg");
    Reader in(message);
    const uint64_t type = in.varuint();
    const Bytes payload = in.bytes();
    if (!in.ok() || type > 2) throw Refused{"malformed", "no sync message"};
    Buffer reply;
    if (type == 0) {
      Buffer update;
      check(doc(q).diff(payload, update));
      Writer writer(reply);
      writer.varuint(1);
      writer.bytes(update);
    } else {
      check(doc(q).apply(payload).status());
    }
    return {{"type", type}, {"reply", to_base64(reply)}};
  }

  static Buffer snapshot_v1(int fmt, Buffer snapshot) {
    if (fmt == 1) return snapshot;
    Buffer out;
    check(crdt::snapshot_from_v2(snapshot, out));
    return out;
  }
  Json snap_take(const Json& q) {
    Buffer v1, v2;
    crdt::take_snapshot(doc(q), v1);
    check(crdt::snapshot_to_v2(v1, v2));
    return {{"snap", to_base64(q.at("fmt") == 1 ? v1 : v2)}};
  }
  Json snap_restore(const Json& q) {
    Open& from = open(q);
    Open into{Doc({.collect_garbage = q.value("gc", true)}), from.client};
    const Buffer snapshot = snapshot_v1(q.at("fmt"), bytes(q, "snap"));
    check(crdt::restore_snapshot(from.doc, snapshot, into.doc));
    docs_.insert_or_assign(q.at("into").get<std::string>(), std::move(into));
    return Json::object();
  }
  Json snap_contains(const Json& q) {
    const auto contains = crdt::snapshot_contains(snapshot_v1(q.at("fmt"), bytes(q, "snap")),
                                                  as_v1(q.at("ufmt"), bytes(q, "u")));
    check(contains.status());
    return {{"contains", *contains}};
  }

  Json relpos_make(const Json& q) {
    Open& target = open(q);
    crdt::Transaction edit(target.doc, target.client);
    const auto type = type_at(q.at("p"), edit);
    check(type.status());
    Buffer position;
    check(edit.relative_position(*type, q.at("index"), q.at("assoc"), position));
    return {{"bin", to_base64(position)}};
  }
  Json relpos_resolve(const Json& q) {
    const auto follow = q.value("follow", true) ? crdt::Redone::follow : crdt::Redone::ignore;
    const auto where = crdt::resolve_position(doc(q), bytes(q, "bin"), follow);
    check(where.status());
    if (!*where) return {{"pos", nullptr}};
    const crdt::AbsolutePosition& at = **where;
    const Json type = at.nested ? Json::array({at.client, at.clock}) : Json(at.root);
    return {{"pos", {{"index", at.index}, {"assoc", at.assoc}, {"type", type}}}};
  }

  static Json awareness_view(const crdt::Awareness& awareness) {
    Json states = Json::array(), meta = Json::array();
    for (const auto& [client, entry] : awareness.entries()) {
      if (entry.state) states.push_back({client, *entry.state});
      meta.push_back({client, entry.clock});
    }
    return {{"states", states}, {"meta", meta}};
  }
  Json aw_new(const Json& q) {
    const crdt::Awareness awareness(q.at("clientID"), q.at("now"));
    awarenesses_.erase(q.at("aw").get<std::string>());
    return awareness_view(
        awarenesses_.emplace(q.at("aw").get<std::string>(), awareness).first->second);
  }
  Json aw_change(const Json& q) {
    crdt::Awareness& awareness = awarenesses_.at(q.at("aw").get<std::string>());
    const std::string what = q.at("cmd");
    Result<crdt::AwarenessChange> done = crdt::AwarenessChange{};
    if (what == "aw.apply") done = awareness.apply(bytes(q, "u"), q.at("now"));
    if (what == "aw.remove") done = awareness.remove(q.at("clients"), q.at("now"));
    if (what == "aw.expire") done = awareness.expire(q.at("now"));
    if (what == "aw.local") {
      std::optional<std::string> state;
      if (!q.at("state").is_null()) state = q["state"].get<std::string>();
      done = awareness.set_local(state, q.at("now"));
    }
    check(done.status());
    Json reply = awareness_view(awareness), events = Json::array();
    const bool others = !done->added.empty() || !done->removed.empty();
    if (others || !done->changed.empty()) {
      events.push_back({"change", done->added, done->changed, done->removed});
    }
    if (others || !done->updated.empty()) {
      events.push_back({"update", done->added, done->updated, done->removed});
    }
    reply["events"] = events;
    if (what == "aw.expire") reply["removed"] = done->removed;
    return reply;
  }
  Json aw_encode(const Json& q) {
    Buffer out;
    awarenesses_.at(q.at("aw").get<std::string>()).encode(q.at("clients"), out);
    return {{"u", to_base64(out)}};
  }

  Json undo_new(const Json& q) {
    Open& target = open(q);
    const std::vector<std::string> scope = q.at("scope"), origins = q.at("origins");
    auto manager = std::make_unique<crdt::UndoHistory>(
        target.doc, target.client, crdt::UndoOptions{scope, origins, UINT64_MAX});
    undos_.insert_or_assign(q.at("um").get<std::string>(), std::move(manager));
    return Json::object();
  }
  Json undo(const Json& q) {
    crdt::UndoHistory& manager = *undos_.at(q.at("um").get<std::string>());
    const std::string what = q.at("cmd");
    Buffer update;
    Json res = false;
    if (what == "undo.stop") manager.stop_capturing();
    if (what == "undo.undo") res = *manager.undo(update);
    if (what == "undo.redo") res = *manager.redo(update);
    return {{"res", res}, {"undoLen", manager.undo_steps()}, {"redoLen", manager.redo_steps()}};
  }

  Json lib0_enc(const Json& q);
  Json lib0_dec(const Json& q);

  std::map<std::string, crdt::Awareness> awarenesses_;
  std::map<std::string, Open> docs_;
  std::map<std::string, std::unique_ptr<crdt::UndoHistory>> undos_;  // gone before their documents
  const std::map<std::string, Command> commands_ = {
      {"hello", &Engine::hello},
      {"doc.new", &Engine::doc_new},
      {"doc.free", &Engine::doc_free},
      {"doc.apply", &Engine::doc_apply},
      {"doc.sv", &Engine::doc_sv},
      {"doc.encode", &Engine::doc_encode},
      {"doc.tree", &Engine::doc_tree},
      {"doc.str", &Engine::doc_str},
      {"doc.json", &Engine::doc_json},
      {"doc.pending", &Engine::doc_pending},
      {"doc.ops", &Engine::doc_ops},
      {"raw.merge", &Engine::raw_merge},
      {"raw.diff", &Engine::raw_diff},
      {"raw.sv", &Engine::raw_sv},
      {"raw.meta", &Engine::raw_meta},
      {"raw.convert", &Engine::raw_convert},
      {"sync.step1", &Engine::sync_step1},
      {"sync.recv", &Engine::sync_recv},
      {"snap.take", &Engine::snap_take},
      {"snap.restore", &Engine::snap_restore},
      {"snap.contains", &Engine::snap_contains},
      {"relpos.make", &Engine::relpos_make},
      {"relpos.resolve", &Engine::relpos_resolve},
      {"aw.new", &Engine::aw_new},
      {"aw.local", &Engine::aw_change},
      {"aw.apply", &Engine::aw_change},
      {"aw.remove", &Engine::aw_change},
      {"aw.expire", &Engine::aw_change},
      {"aw.encode", &Engine::aw_encode},
      {"undo.new", &Engine::undo_new},
      {"undo.undo", &Engine::undo},
      {"undo.redo", &Engine::undo},
      {"undo.stop", &Engine::undo},
      {"undo.info", &Engine::undo},
      {"lib0.enc", &Engine::lib0_enc},
      {"lib0.dec", &Engine::lib0_dec},
  };
};

template <class Column>
Json encode_column(const Json& values) {
  Column column;
  for (const Json& value : values) {
    if constexpr (std::is_same_v<Column, crdt::StringsWriter>) {
      column.write(value.get<std::string>());
    } else if constexpr (std::is_same_v<Column, crdt::BytesWriter>) {
      column.write(value.get<uint8_t>());
    } else {
      column.write(value.get<uint64_t>());
    }
  }
  return {{"bytes", to_base64(column.finish())}};
}

template <class Column>
Json decode_column(const Buffer& bytes, size_t count) {
  Column column(bytes);
  Json values = Json::array();
  for (size_t i = 0; i < count; ++i) values.push_back(column.read());
  if (!column.ok()) throw Refused{"malformed", "column"};
  return {{"values", values}};
}

Json Engine::lib0_enc(const Json& q) {
  const std::string kind = q.at("kind");
  if (kind == "uintoptrle") return encode_column<crdt::RunsWriter>(q.at("values"));
  if (kind == "intdiffoptrle") return encode_column<crdt::StepsWriter>(q.at("values"));
  if (kind == "rle8") return encode_column<crdt::BytesWriter>(q.at("values"));
  if (kind == "strings") return encode_column<crdt::StringsWriter>(q.at("values"));
  Buffer out;
  Writer writer(out);
  const Json& value = q.at("value");
  if (kind == "varuint") {
    writer.varuint(value.get<uint64_t>());
  } else if (kind == "varint") {
    const double number = value.is_object() ? -0.0 : value.get<double>();
    writer.varint({static_cast<uint64_t>(std::fabs(number)), std::signbit(number)});
  } else if (kind == "varstring") {
    writer.string(value.get<std::string>());
  } else {
    write_any(value, out);
  }
  return {{"bytes", to_base64(out)}};
}

Json Engine::lib0_dec(const Json& q) {
  const std::string kind = q.at("kind");
  const Buffer in = bytes(q, "bytes");
  const size_t count = q.value("n", size_t{0});
  if (kind == "uintoptrle") return decode_column<crdt::RunsReader>(in, count);
  if (kind == "intdiffoptrle") return decode_column<crdt::StepsReader>(in, count);
  if (kind == "rle8") return decode_column<crdt::BytesReader>(in, count);
  if (kind == "strings") return decode_column<crdt::StringsReader>(in, count);
  Reader reader(in);
  Json value;
  if (kind == "varuint") {
    value = reader.varuint();
  } else if (kind == "varint") {
    const SignedMagnitude number = reader.varint();
    if (number.negative && number.magnitude == 0) {
      value = {{"$n", "-0"}};
    } else {
      value = number.negative ? -static_cast<double>(number.magnitude)
                              : static_cast<double>(number.magnitude);
    }
  } else if (kind == "varstring") {
    value = std::string(reader.string());
  } else {
    size_t budget = crdt::kMaxValuesPerUpdate;
    crdt::skip_any(reader, budget);
    if (reader.ok()) {
      reader = Reader(in);
      value = tagged_any(reader);
    }
  }
  if (!reader.ok()) throw Refused{"malformed", kind};
  return {{"value", value}};
}

// JSON may hold half a surrogate pair; UTF-8 may not, and lib0 writes U+FFFD for it.
void replace_lone_surrogates(std::string& line) {
  const auto unit_at = [&](size_t at) -> unsigned long {
    if (at + 6 > line.size() || line[at] != '\\' || line[at + 1] != 'u') return 0;
    return std::strtoul(line.substr(at + 2, 4).c_str(), nullptr, 16);
  };
  for (size_t at = line.find('\\'); at != std::string::npos; at = line.find('\\', at)) {
    const unsigned long unit = unit_at(at);
    if (unit == 0) {
      at += 2;
    } else if (unit >> 10 == 0x36 && unit_at(at + 6) >> 10 == 0x37) {
      at += 12;
    } else {
      if (unit >> 11 == 0x1b) line.replace(at, 6, "\\ufffd");
      at += 6;
    }
  }
}

}  // namespace
}  // namespace freshet::conformance

int main() {
  using namespace freshet::conformance;
  Engine engine;
  for (std::string line; std::getline(std::cin, line);) {
    replace_lone_surrogates(line);
    const Json request = Json::parse(line, nullptr, false);
    if (request.is_discarded() || !request.contains("id")) continue;
    Json reply = {{"id", request["id"]}, {"ok", true}};
    try {
      reply.update(engine.answer(request));
    } catch (const Refused& refused) {
      reply["ok"] = false;
      reply["err"] = refused.err;
      reply["msg"] = refused.msg;
    } catch (const std::exception& error) {
      reply["ok"] = false;
      reply["err"] = "internal";
      reply["msg"] = error.what();
    }
    std::cout << reply.dump(-1, ' ', false, Json::error_handler_t::replace) << std::endl;
  }
  return 0;
}

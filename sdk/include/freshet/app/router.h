// freshet/app/router.h: procedures, put together.
//
//   Router router;
//   router.add("doubleNumber")
//       .input(R"({"type": "object", "properties": {"value": {"type": "number"}},
//                  "required": ["value"]})")
//       .output("doubledNumber", R"({"type": "object"})")
//       .self([](const Call& call, Events& events) {
//         return events.send("doubledNumber", doubled(call.input()));
//       });
//
// Made in create(), handed out by App::router(), and not changed from then on: what the handlers
// share needs a lock.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "freshet/abi/app.h"
#include "freshet/format/json.h"
#include "freshet/sink.h"

namespace freshet {

// What a client called; see freshet_call.
class Call {
 public:
  explicit Call(const freshet_call& c) : c_(c) {}

  std::string_view room() const { return view(c_.room); }
  uint64_t session() const { return c_.session; }
  std::string_view user() const { return view(c_.user); }  // JSON; empty: anonymous
  uint64_t unix_ms() const { return c_.unix_ms; }
  std::string_view input() const { return as_text(view(c_.input)); }  // JSON
  std::string_view sessions() const { return view(c_.sessions); }     // JSON, if wanted
  Bytes state() const { return view(c_.state); }                      // if wanted
  // The document as JSON; empty if it was not wanted. Takes time in proportion to it.
  std::string document() const {
    std::vector<uint8_t> json;
    if (c_.json == nullptr || c_.json(c_.ctx, VectorSink(json).c()) != FRESHET_OK) return {};
    return std::string(as_text(json));
  }

 private:
  const freshet_call& c_;
};

// What comes of a call: events to somebody, and what the room is to do.
class Events {
 public:
  Events(Reply out, uint32_t to) : out_(out), to_(to) {}

  // `json`: one value. To whom is a matter of the handler: everybody, or the caller.
  Status send(std::string_view name, std::string_view json) const {
    FRESHET_CHECK(out_.write(FRESHET_CALL_EVENT, name));
    return out_.write(to_, json);
  }
  // Operations on the document, as freshet_crdt.edit takes them: one transaction.
  Status edit(std::string_view operations) const {
    return out_.write(FRESHET_CALL_EDIT, operations);
  }
  // What the caller's user shows from now on; JSON.
  Status show(std::string_view presence) const { return out_.write(FRESHET_CALL_SHOW, presence); }
  Status evict(uint64_t session) const { return out_.write(FRESHET_CALL_EVICT, session); }
  // For a handler that fails: what the caller is told.
  Status fail(std::string_view words, Status status = Status::malformed) const {
    FRESHET_CHECK(out_.write(FRESHET_CALL_ERROR, words));
    return status;
  }

 private:
  Reply out_;
  uint32_t to_;
};

class Procedure {
 public:
  using Handler = std::function<Status(const Call&, Events&)>;

  explicit Procedure(std::string name) : name_(std::move(name)) {}

  // JSON Schemas: of what a client sends, and of each event that comes of it. The first is checked,
  // the others are for generated types.
  Procedure& input(std::string schema) { return input_ = std::move(schema), *this; }
  Procedure& output(std::string event, std::string schema) {
    outputs_.emplace_back(std::move(event), std::move(schema));
    return *this;
  }
  Procedure& wants_document() { return wants_document_ = true, *this; }
  Procedure& wants_sessions() { return wants_sessions_ = true, *this; }

  // Any of them; they run in this order. What `broadcast` sends goes to everybody; what `self` and
  // `sync` send, to the caller. `sync` is told who is in the room.
  Procedure& broadcast(Handler f) { return add(FRESHET_CALL_BROADCAST, std::move(f)); }
  Procedure& self(Handler f) { return add(FRESHET_CALL_SELF, std::move(f)); }
  Procedure& sync(Handler f) { return wants_sessions().add(FRESHET_CALL_SELF, std::move(f)); }

  const std::string& name() const { return name_; }

  Status call(const Call& call, Reply out) const {
    for (const auto& [to, handler] : handlers_) {
      Events events(out, to);
      FRESHET_CHECK(handler(call, events));
    }
    return Status::ok;
  }

  std::string json() const {
    std::string out = R"({"name":)";
    append_json_string(out, name_);
    if (!input_.empty()) out += R"(,"input":)" + input_;
    out += R"(,"outputs":{)";
    for (const auto& [event, schema] : outputs_) {
      if (out.back() != '{') out += ',';
      append_json_string(out, event);
      out += ':' + schema;
    }
    out += R"(},"wants":[)";
    if (wants_document_) out += R"("document")";
    if (wants_sessions_) out += wants_document_ ? R"(,"sessions")" : R"("sessions")";
    return out + "]}";
  }

 private:
  Procedure& add(uint32_t to, Handler f) {
    handlers_.emplace_back(to, std::move(f));
    return *this;
  }

  std::string name_;
  std::string input_;
  std::vector<std::pair<std::string, std::string>> outputs_;
  std::vector<std::pair<uint32_t, Handler>> handlers_;
  bool wants_document_ = false;
  bool wants_sessions_ = false;
};

class Router {
 public:
  // The procedure of this name, made anew.
  Procedure& add(const std::string& name) {
    return procedures_.insert_or_assign(name, Procedure(name)).first->second;
  }
  // What has the same name is replaced.
  Router& merge(const Router& other) {
    for (const auto& [name, procedure] : other.procedures_) {
      procedures_.insert_or_assign(name, procedure);
    }
    return *this;
  }

  const Procedure* find(std::string_view name) const {
    const auto it = procedures_.find(name);
    return it == procedures_.end() ? nullptr : &it->second;
  }
  const std::map<std::string, Procedure, std::less<>>& procedures() const { return procedures_; }

 private:
  std::map<std::string, Procedure, std::less<>> procedures_;
};

}  // namespace freshet

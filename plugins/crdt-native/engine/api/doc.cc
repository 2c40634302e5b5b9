#include "freshet/crdt/doc.h"

#include "encode/encode.h"
#include "encode/json_view.h"
#include "encode/markup.h"
#include "encode/outline_view.h"
#include "format/v1_v2.h"
#include "replica/replica.h"
#include "values/type_ref.h"
#include "values/values.h"

namespace freshet::crdt {

namespace {

uint8_t ref_of(const Tree& tree, uint32_t type, Shape shape) {
  switch (shape) {
    case Shape::text: return kTextType;
    case Shape::array: return kArrayType;
    case Shape::map: return kMapType;
    case Shape::xml_fragment: return kXmlFragmentType;
    case Shape::xml_element: return kXmlElementType;
    case Shape::xml_text: return kXmlTextType;
    case Shape::infer: break;
  }
  return inferred_ref(tree, type);
}

constexpr std::string_view empty_json(Shape shape) {
  switch (shape) {
    case Shape::array: return "[]";
    case Shape::map:
    case Shape::infer: return "{}";
    case Shape::xml_element: return "\"<undefined></undefined>\"";
    default: return "\"\"";
  }
}

}  // namespace

Doc::Doc(Options options)
    : replica_(std::make_unique<Replica>(options.collect_garbage ? Gc::on : Gc::off)) {}
Doc::~Doc() = default;
Doc::Doc(Doc&&) noexcept = default;
Doc& Doc::operator=(Doc&&) noexcept = default;

Result<Applied> Doc::apply(Bytes update) { return replica_->apply(update, kPeerLimits); }
Result<Applied> Doc::apply(Bytes update, std::vector<uint8_t>& changes) {
  return replica_->apply(update, kPeerLimits, &changes);
}
Result<Applied> Doc::load(Bytes update) { return replica_->apply(update, kStoredLimits); }

Result<Applied> Doc::apply_v2(Bytes update) {
  std::vector<uint8_t> v1;
  static constexpr UpdateLimits kLimits = keeping_values(kPeerLimits);
  FRESHET_CHECK(unchecked_v1_of(update, v1, kLimits));
  return replica_->apply(v1, kLimits);
}

Result<Applied> Doc::load_v2(Bytes update) {
  std::vector<uint8_t> v1;
  FRESHET_CHECK(unchecked_v1_of(update, v1, kInternalLimits));
  return replica_->apply(v1, kInternalLimits);
}

void Doc::state_vector(std::vector<uint8_t>& out) const {
  Writer writer(out);
  state_of(replica_->tree).write(replica_->tree.table, writer);
}

Status Doc::diff(Bytes state_vector, std::vector<uint8_t>& out) const {
  return replica_->diff(state_vector, out);
}
Status Doc::diff_v2(Bytes state_vector, std::vector<uint8_t>& out) const {
  return replica_->diff_v2(state_vector, out);
}

Stats Doc::stats() const {
  const Tree& tree = replica_->tree;
  const Pending& pending = replica_->pending;
  return {.memory_bytes = tree.memory_bytes() + pending.bytes() + replica_->withheld.bytes(),
          .items = tree.items.live(),
          .clients = tree.clients.size(),
          .pending_structs = pending.structs(),
          .pending_bytes = pending.bytes(),
          .pending_deletes = pending.has_deletes(),
          .scan_steps = tree.placement.scan_steps,
          .last_scan_steps = replica_->last_scan_steps};
}

bool Doc::torn() const { return replica_->torn(); }
void Doc::tear() { replica_->tear(); }

void Doc::json(std::string_view root, Shape shape, std::string& out) const {
  const Tree& tree = replica_->tree;
  const uint32_t type = tree.find_root(root);
  if (type == kNil) {
    out += empty_json(shape);
    return;
  }
  append_json(tree, type, ref_of(tree, type, shape), out);
}

void Doc::outline(size_t limit, std::string& out) const {
  append_outline(replica_->tree, limit, out);
}

void Doc::json(std::string& out) const {
  const Tree& tree = replica_->tree;
  out += '{';
  for (size_t i = 0; i < tree.roots.size(); ++i) {
    if (i > 0) out += ',';
    append_json_string(tree.names[tree.types[tree.roots[i]].name], out);
    out += ':';
    append_json(tree, tree.roots[i], inferred_ref(tree, tree.roots[i]), out);
  }
  out += '}';
}

void Doc::text(std::string_view root, std::string& out) const {
  const uint32_t type = replica_->tree.find_root(root);
  if (type != kNil) append_text(replica_->tree, type, out);
}

}  // namespace freshet::crdt

#include "app-webhook/dialect/prosemirror.h"

#include <nlohmann/json.hpp>

#include "app-webhook/limits.h"

namespace freshet::webhook {
namespace {

using Json = nlohmann::json;

// One document's way into contents of an edit. Recursive, within kMaxDepth.
class Nodes {
 public:
  // What stops it; empty: nothing did.
  const std::string& fault() const { return fault_; }

  // Neighbours that are text are one text.
  Json contents(const Json& nodes, int depth) {
    Json out = Json::array();
    if (depth > kMaxDepth) return fail("it is nested too deep"), out;
    if (!nodes.is_array()) return fail("a node's content is no list"), out;
    bool in_text = false;
    for (const Json& node : nodes) {
      const std::string type = type_of(node);
      if (type.empty()) return fail("a node has no type"), out;
      if (type != "text") {
        out.push_back(element(node, type, depth));
      } else if (in_text) {
        out.back()["xml_text"].push_back(piece(node));
      } else {
        out.push_back({{"xml_text", Json::array({piece(node)})}});
      }
      in_text = type == "text";
    }
    return out;
  }

 private:
  void fail(const char* why) {
    if (fault_.empty()) fault_ = why;
  }

  static std::string type_of(const Json& node) {
    if (!node.is_object()) return {};
    const auto type = node.find("type");
    return type != node.end() && type->is_string() ? type->get<std::string>() : std::string();
  }

  static Json attributes_of(const Json& node) {
    Json out = Json::object();
    const auto attributes = node.find("attrs");
    if (attributes == node.end() || !attributes->is_object()) return out;
    for (const auto& [key, value] : attributes->items()) {
      if (!value.is_null()) out[key] = value;
    }
    return out;
  }

  Json element(const Json& node, const std::string& type, int depth) {
    Json out = {{"xml_element", type}};
    if (Json attributes = attributes_of(node); !attributes.empty()) {
      out["attributes"] = std::move(attributes);
    }
    const auto content = node.find("content");
    if (content != node.end() && !content->is_null() && !content->empty()) {
      out["children"] = contents(*content, depth + 1);
    }
    return out;
  }

  Json piece(const Json& node) {
    const auto text = node.find("text");
    if (text == node.end() || !text->is_string()) return fail("a text node has no text"), Json();
    Json out = {{"insert", *text}};
    const auto marks = node.find("marks");
    if (marks == node.end() || !marks->is_array() || marks->empty()) return out;
    Json& formats = out["attributes"] = Json::object();
    for (const Json& mark : *marks) {
      const std::string type = type_of(mark);
      if (type.empty()) return fail("a mark has no type"), Json();
      const auto attributes = mark.find("attrs");
      formats[type] =
          attributes != mark.end() && attributes->is_object() ? *attributes : Json::object();
    }
    return out;
  }

  std::string fault_;
};

}  // namespace

Status prosemirror_edit(std::string_view json, std::string& operations, std::string& reason) {
  if (json.size() > kMaxDocumentJsonBytes) {
    return reason = "its answer is too long for a document as JSON; give it as storage, in base64",
           Status::malformed;
  }
  const Json fields = Json::parse(json, nullptr, false);
  if (!fields.is_object()) {
    return reason = "its answer is no object with a document for each field", Status::malformed;
  }
  Json list = Json::array();
  for (const auto& [field, document] : fields.items()) {
    if (!document.is_object() || !document.contains("type")) {
      return reason = "field \"" + field.substr(0, kMaxReasonBytes) +
                      "\" of its answer is no document of ProseMirror",
             Status::malformed;
    }
    const auto content = document.find("content");
    if (content == document.end() || content->is_null() || content->empty()) continue;
    Nodes nodes;
    Json contents = nodes.contents(*content, 1);
    if (!nodes.fault().empty()) {
      return reason = "field \"" + field.substr(0, kMaxReasonBytes) +
                      "\" of its answer: " + nodes.fault(),
             Status::malformed;
    }
    list.push_back({{"op", "push"},
                    {"root", field},
                    {"kind", "xml_fragment"},
                    {"contents", std::move(contents)}});
  }
  if (list.empty()) return Status::not_found;
  operations = list.dump(-1, ' ', false, Json::error_handler_t::replace);
  return Status::ok;
}

}  // namespace freshet::webhook

#include "random_operations.h"

#include <nlohmann/json.hpp>
#include <random>

#include "crdt-native/edit_list.h"
#include "freshet/format/edits.h"

namespace freshet::crdt {
namespace {

std::vector<uint8_t> state_of(const Doc& doc) {
  std::vector<uint8_t> out;
  (void)doc.diff({}, out);
  return out;
}

std::string json_of(const Doc& doc) {
  std::string json;
  doc.json(json);
  return json;
}

std::string plain(const std::string& json) {
  const std::string sorted = nlohmann::json::parse(json).dump();
  std::string view;
  for (size_t at = 0; at < sorted.size();) {
    const bool pair = static_cast<uint8_t>(sorted[at]) >= 0xf0;
    view += pair ? "\ufffd\ufffd" : sorted.substr(at, 1);
    at += pair ? 4 : 1;
  }
  return view;
}

// Most are the same to the letter, which is found out in a tenth of the time.
bool same(const std::string& one, const std::string& other) {
  return one == other || plain(one) == plain(other);
}

constexpr uint64_t kClient = 7;

}  // namespace

bool shows_the_same(const Doc& one, const Doc& other) { return same(json_of(one), json_of(other)); }

std::string joined(const std::vector<std::string>& operations) {
  std::string out;
  for (const auto& operation : operations) out += (out.empty() ? "" : ",") + operation;
  return "[" + out + "]";
}

Outcome compare(const std::vector<std::string>& operations, Doc& together, Doc& one_by_one,
                Doc& told) {
  const auto before = state_of(together);
  const std::string shown = json_of(together);
  const auto unchanged = [&] { return same(json_of(together), shown); };
  std::vector<uint8_t> update;
  Refusal why;
  const Status status = edit_by_list(together, kClient, joined(operations), update, why);
  size_t done = 0;
  for (; done < operations.size(); ++done) {
    std::vector<uint8_t> part;
    Refusal ignored;
    if (edit_by_list(one_by_one, kClient, joined({operations[done]}), part, ignored) !=
        Status::ok) {
      break;
    }
  }
  if (status == Status::ok) {
    if (!why.why.empty()) return {status, why.text()};
    if (done < operations.size()) return {status, "taken, but one by one it is not"};
    if (!update.empty() && !told.apply(update)) return {status, "nobody can read the update"};
    if (update.empty() && !unchanged()) return {status, "changed without an update"};
    if (!shows_the_same(together, one_by_one)) return {status, "not what it is one by one"};
    if (!shows_the_same(together, told)) return {status, "not what the others are told"};
    return {status, ""};
  }
  const bool type_clash = why.why.ends_with("in an operation before");
  if (done == operations.size() && !type_clash)
    return {status, "refused, but one by one it is not"};
  if (!type_clash && why.operation != done) return {status, "refused for another operation"};
  if (!update.empty() || state_of(together) != before || !unchanged()) {
    return {status, "refused, and changed something"};
  }
  one_by_one = Doc();
  (void)one_by_one.load(before);
  return {status, "", why.operation.value_or(0)};
}

RandomOperations::RandomOperations(uint32_t seed)
    : die_([engine = std::mt19937(seed)](uint32_t below) mutable {
        return static_cast<uint32_t>(engine() % below);
      }) {}

std::vector<std::string> RandomOperations::list() {
  std::vector<std::string> out;
  for (uint32_t left = 1 + die_(6); left > 0; --left) out.push_back(operation());
  return out;
}

// Mostly none: small documents have little.
uint32_t RandomOperations::few() {
  constexpr uint32_t kFew[] = {0, 0, 0, 0, 0, 1, 1, 2, 3};
  return kFew[die_(std::size(kFew))];
}

std::string RandomOperations::target(std::string& kind) {
  constexpr const char* kRoots[] = {R"("t","kind":"text")", R"("a","kind":"array")",
                                    R"("m","kind":"map")", R"("x","kind":"xml_fragment")"};
  constexpr const char* kKinds[] = {"text", "array", "map", "xml"};
  const uint32_t which = die_(4);
  kind = kKinds[which];
  std::string path;
  for (uint32_t left = which == 0 ? 0 : few(); left > 0; --left) {
    if (!path.empty()) path += ',';
    const bool keyed = kind == "map" || (kind == "any" && die_(2) == 0);
    path += keyed ? std::string(1, '"') + "kl"[die_(2)] + '"' : std::to_string(few());
    kind = "any";
  }
  return "\"root\":" + std::string(kRoots[which]) + ",\"path\":[" + path + "]";
}

std::string RandomOperations::content(unsigned depth) {
  switch (die_(depth > 2 ? 3 : 8)) {
    case 0: return R"({"value":1})";
    case 1: return R"({"value":{"o":[null,"x"]}})";
    case 2: return R"({"text":"ab"})";
    case 3: return R"({"array":[]})";
    case 4: return R"({"array":[)" + content(depth + 1) + "," + content(depth + 1) + "]}";
    case 5: return R"({"map":{"k":)" + content(depth + 1) + "}}";
    case 6: return R"({"xml_element":"p","children":[{"xml_text":"c"}]})";
    default: return R"({"xml_text":[{"insert":"r","attributes":{"b":1}}]})";
  }
}

std::string RandomOperations::operation() {
  std::string kind;
  const std::string at = target(kind);
  const std::string index = ",\"index\":" + std::to_string(few());
  const std::string count = ",\"count\":" + std::to_string(few());
  const std::string key = std::string(",\"key\":\"") + "kl"[die_(2)] + "\"";
  const uint32_t family = kind == "text" ? 0 : kind == "map" ? 2 : kind == "any" ? die_(3) : 1;
  const auto op = [&](const char* name, const std::string& fields) {
    return "{\"op\":\"" + std::string(name) + "\"," + at + fields + "}";
  };
  const std::string put = kind == "xml" ? R"({"xml_element":"q"})" : content(0);
  switch (family * 5 + die_(5)) {
    case 0: return op("insert_text", index + R"(,"text":"xyz")");
    case 1: return op("insert_text", index + R"(,"text":"w","attributes":{"b":1})");
    case 2: return op("remove_text", index + count);
    case 3: return op("format", index + count + R"(,"attributes":{"b":1,"e":null})");
    case 4:
      return op("delta", R"(,"delta":[{"insert":"d"},{"retain":1},{"delete":1},{"insert":)" +
                             std::string(R"({"value":{}}}])"));
    case 5:
    case 6: return op("insert", index + ",\"contents\":[" + put + "," + put + "]");
    case 7: return op("push", ",\"contents\":[" + put + "]");
    case 8:
    case 9: return op("remove", index + count);
    case 10:
    case 11:
    case 12: return op("set", key + ",\"content\":" + content(0));
    case 13: return op("erase", key);
    default: return op("clear", "");
  }
}

}  // namespace freshet::crdt

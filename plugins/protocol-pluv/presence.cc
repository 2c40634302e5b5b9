#include "presence.h"

#include <unordered_map>
#include <vector>

#include "freshet/format/json.h"
#include "limits.h"

namespace freshet::pluv {
namespace {

struct Member {
  std::string_view key, value;  // as they are written
};

class Object {
 public:
  // False: not an object.
  bool lay(std::string_view json) {
    JsonReader in(json);
    if (in.next() != '{') return false;
    in.enter('{');
    for (std::string_view key = in.key(); !key.empty(); key = in.key()) {
      const std::string_view value = in.value(kMaxDepth);
      // The same key may be written in several ways.
      const auto name = json_text(key).value_or(std::string(key));
      const auto [it, is_new] = places_.emplace(name, members_.size());
      if (is_new) members_.push_back({key, value});
      members_[it->second].value = value;
    }
    return in.at_end();
  }

  std::string text() const {
    std::string out = "{";
    for (const Member& member : members_) {
      if (out.size() > 1) out += ',';
      out.append(member.key).append(":").append(member.value);
    }
    return out += '}';
  }

 private:
  std::vector<Member> members_;
  std::unordered_map<std::string, size_t> places_;
};

}  // namespace

std::string laid_over(std::string_view shown, std::string_view patch) {
  Object object;
  const bool good = (shown.empty() || object.lay(shown)) && object.lay(patch);
  return good ? object.text() : std::string();
}

std::string_view object_or(std::string_view json, std::string_view instead) {
  return JsonReader(json).next() == '{' ? json : instead;
}

}  // namespace freshet::pluv

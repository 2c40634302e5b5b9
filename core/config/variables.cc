#include "core/config/variables.h"

namespace freshet {
namespace {

// As the shell has it: letters, digits, underscores, no digit first.
bool variable_name(std::string_view name) {
  for (const char c : name) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    if (!letter && !(c >= '0' && c <= '9')) return false;
  }
  return !name.empty() && !(name[0] >= '0' && name[0] <= '9');
}

}  // namespace

Expanded expand_variables(
    std::string_view text,
    const std::function<std::optional<std::string>(const std::string& name)>& lookup) {
  Expanded out;
  while (!text.empty()) {
    if (text.starts_with("$${")) {
      out.text += "${";
      text.remove_prefix(3);
      continue;
    }
    if (!text.starts_with("${")) {
      out.text += text[0];
      text.remove_prefix(1);
      continue;
    }
    const size_t end = text.find('}');
    if (end == std::string_view::npos || !variable_name(text.substr(2, end - 2))) {
      out.fault = "has a ${ that does not begin a ${NAME}; write $${ for a plain ${";
      return out;
    }
    const std::string name(text.substr(2, end - 2));
    const auto value = lookup(name);
    if (!value) {
      out.fault = "needs the environment variable " + name + ", which is not set";
      out.unset = name;
      return out;
    }
    out.text += *value;
    out.used = true;
    text.remove_prefix(end + 1);
  }
  return out;
}

}  // namespace freshet

// core/config/variables.h: ${NAME} in a manifest's texts.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace freshet {

struct Expanded {
  std::string text;
  bool used = false;  // at least one variable is in it
  std::string fault;  // not empty: why there is no text
  std::string unset;  // the variable that is not set, if that is why
};

// "${NAME}" becomes what `lookup` says, "$${" is a plain "${", any other $ stays. What a variable
// holds is not expanded again.
Expanded expand_variables(
    std::string_view text,
    const std::function<std::optional<std::string>(const std::string& name)>& lookup);

}  // namespace freshet

// plugins/app-webhook/signing/canonical_json.h: JSON as the receivers of pluv's webhooks write it
// before they check a signature: no spaces, keys in the order of their UTF-16 code units, numbers
// and strings as JSON.stringify has them (ECMA-262 §6.1.6.1.20, §25.5.2).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace freshet::webhook {

// As JavaScript prints it; "null" if it is no finite number.
std::string number_text(double number);

// With its quotation marks. Bytes that are no UTF-8 become U+FFFD.
std::string json_string(std::string_view text);

// Nothing if `json` is none, or is nested deeper than kMaxDepth.
std::optional<std::string> canonical(std::string_view json);

}  // namespace freshet::webhook

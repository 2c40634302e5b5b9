// plugins/app-webhook/sending/shown.h: a room's name for a log line; it may be any bytes.
#pragma once

#include <string>
#include <string_view>

#include "app-webhook/limits.h"

namespace freshet::webhook {

inline std::string shown(std::string_view name) {
  std::string out;
  for (const char c : name.substr(0, kMaxReasonBytes)) {
    const bool plain = c >= 0x20 && c < 0x7f && c != '"';
    out += plain ? c : '?';
  }
  return '"' + out + '"';
}

}  // namespace freshet::webhook

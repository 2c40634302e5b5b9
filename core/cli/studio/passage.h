// core/cli/studio/passage.h: the way of a browser to an admin listener. Browsers open no unix
// sockets, and have no key to send with a page: so a port of the loopback passes on what comes with
// a word that only who was told the address knows. It is the first part of every path:
// http://127.0.0.1:41233/<word>/studio/.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "freshet/format/address.h"

namespace freshet::cli {

struct Passage {
  Address admin;
  std::string key;   // of the admin listener; empty: none
  std::string word;  // 32 hexadecimal digits, or as long as that
};

// What the admin is sent for the head of a request, with its empty line: without the word, with the
// key, and so that the connection ends with the answer, if that is not a WebSocket. Nothing: it is
// no request, or does not have the word.
std::optional<std::string> head_for_admin(std::string_view head, const Passage& passage);

// A socket that listens on a port of the loopback, 0: any; below 0: there is none, errno says why.
int listen_on_loopback(uint16_t& port);

// Passes on whoever comes, until the process ends. [main]
void pass_on(int listener, const Passage& passage);

}  // namespace freshet::cli

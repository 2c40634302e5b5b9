// What `freshet studio` passes on to the admin, and what not.
#include "core/cli/studio/passage.h"

#include <gtest/gtest.h>

namespace freshet::cli {
namespace {

const Passage kOpen{.admin = {}, .key = "", .word = "0123456789abcdef0123456789abcdef"};
const std::string kWord = "/" + kOpen.word;

std::string passed(const std::string& head, const Passage& passage = kOpen) {
  return head_for_admin(head, passage).value_or("nothing");
}

TEST(Passage, ARequestWithTheWordGoesOnWithoutIt) {
  EXPECT_EQ(passed("GET " + kWord +
                   "/studio/?x=/y HTTP/1.1\r\nHost: 127.0.0.1:1\r\n"
                   "Connection: keep-alive\r\nAccept: */*\r\n\r\n"),
            "GET /studio/?x=/y HTTP/1.1\r\nHost: 127.0.0.1:1\r\nAccept: */*\r\n"
            "Connection: close\r\n\r\n");
}

TEST(Passage, AWebSocketStaysOne) {
  EXPECT_EQ(passed("GET " + kWord +
                   "/live HTTP/1.1\r\nupgrade: websocket\r\n"
                   "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\r\n"),
            "GET /live HTTP/1.1\r\nupgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            "Connection: Upgrade\r\n\r\n");
}

TEST(Passage, TheKeyOfTheAdminIsBroughtAndNoOther) {
  Passage locked = kOpen;
  locked.key = "a key";
  EXPECT_EQ(
      passed("DELETE " + kWord + "/rooms/a HTTP/1.1\r\nAuthorization: Bearer b\r\n\r\n", locked),
      "DELETE /rooms/a HTTP/1.1\r\nConnection: close\r\nAuthorization: Bearer a key\r\n\r\n");
}

TEST(Passage, WhoDoesNotHaveTheWordIsNotPassedOn) {
  for (const std::string& path :
       {std::string("/"), std::string("/studio/"), "/x" + kWord, kWord + "0/studio/",
        "/" + kOpen.word.substr(1) + "/studio/", "/0" + kOpen.word.substr(1) + "1/",
        "/f" + kOpen.word.substr(1) + "/studio/", std::string("http://127.0.0.1") + kWord + "/"}) {
    EXPECT_EQ(passed("GET " + path + " HTTP/1.1\r\nHost: a\r\n\r\n"), "nothing") << path;
  }
  for (const char* head : {"\r\n\r\n", "GET\r\n\r\n", "GET /\r\n\r\n", "nonsense", ""}) {
    EXPECT_EQ(passed(head), "nothing") << head;
  }
}

}  // namespace
}  // namespace freshet::cli

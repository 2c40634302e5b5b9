#include "freshet/format/page_files.h"

#include <gtest/gtest.h>

#include "freshet/testing.h"
#include "freshet/testing/fake_request.h"

namespace freshet {
namespace {

using testing::Answer;
using testing::FakeRequest;

constexpr PageFile kFiles[] = {{"page.html", "<p>page"}, {"page.js", "1"}};

struct Answered {
  uint64_t status = 200;
  std::string headers, body;

  std::string header(const std::string& name) const {
    const size_t at = headers.find("\n" + name + ": ");
    if (at == std::string::npos) return "";
    const size_t from = at + name.size() + 3;
    return headers.substr(from, headers.find('\n', from) - from);
  }
};

Answered ask(const std::string& target, const FakeRequest::Headers& headers = {},
             const std::string& method = "GET") {
  const PageFiles page("/a/page", kFiles, "page.html", "default-src 'none'");
  const FakeRequest request(target, headers, method);
  Answer answer;
  const LateReply reply(answer.reply());
  reply.done(page.answer(request.c(), reply));
  EXPECT_EQ(answer.wait(), Status::ok);
  Answered out;
  out.headers = "\n";
  for (const auto& item : answer.items()) {
    if (item.kind == FRESHET_HTTP_STATUS) out.status = item.number;
    if (item.kind == FRESHET_HTTP_HEADER) out.headers += item.text() + "\n";
    if (item.kind == FRESHET_HTTP_BODY) out.body += item.text();
  }
  return out;
}

TEST(PageFiles, ThePageIsBelowItsRouteAndWhatItNamesBesideIt) {
  EXPECT_EQ(ask("/a/page").status, 308u);
  EXPECT_EQ(ask("/a/page?x=y").header("Location"), "page/");
  const Answered page = ask("/a/page/");
  EXPECT_EQ(page.body, "<p>page");
  EXPECT_EQ(page.header("Content-Type"), "text/html; charset=utf-8");
  EXPECT_EQ(page.header("Content-Security-Policy"), "default-src 'none'");
  EXPECT_EQ(ask("/a/page/page.js").header("Content-Type"), "text/javascript; charset=utf-8");
  for (const char* nowhere :
       {"/a/page/other.js", "/a/page/../page.js", "/a/pages", "/a/page//", "/"})
    EXPECT_EQ(ask(nowhere).status, 404u) << nowhere;
}

TEST(PageFiles, WhoHasAFileAlreadyIsNotSentItAgain) {
  const std::string tag = ask("/a/page/page.js").header("ETag");
  EXPECT_NE(tag, ask("/a/page/").header("ETag"));
  const Answered again = ask("/a/page/page.js", {{"if-none-match", tag}});
  EXPECT_EQ(again.status, 304u);
  EXPECT_EQ(again.body, "");
  EXPECT_EQ(again.header("ETag"), tag);
  EXPECT_EQ(ask("/a/page/page.js", {{"If-None-Match", "W/" + tag}}).status, 304u);
  EXPECT_EQ(ask("/a/page/page.js", {{"If-None-Match", "\"other\""}}).body, "1");
}

TEST(PageFiles, AreReadAndNothingElse) {
  const Answered posted = ask("/a/page/", {}, "POST");
  EXPECT_EQ(posted.status, 405u);
  EXPECT_EQ(posted.header("Allow"), "GET, HEAD");
  EXPECT_EQ(ask("/a/page/", {}, "HEAD").status, 200u);
}

}  // namespace
}  // namespace freshet

#include "studio/studio.h"

#include <gtest/gtest.h>

#include "freshet/testing/created_plugin.h"
#include "freshet/testing/fake_request.h"

extern "C" const freshet_plugin* freshet_plugin_entry(void);

namespace freshet::studio {
namespace {

using testing::Answer;
using testing::CreatedPlugin;
using testing::FakeRequest;

// The body; its headers in `headers`, a line each.
std::string asked(const CreatedPlugin& plugin, const std::string& target, std::string& headers) {
  const auto* http = plugin.service<freshet_http>(FRESHET_HTTP_ID);
  const FakeRequest request(target);
  Answer answer;
  http->answer(http->self, &request.c(), answer.reply());
  EXPECT_EQ(answer.wait(), Status::ok);
  std::string body;
  headers.clear();
  for (const auto& item : answer.items()) {
    if (item.kind == FRESHET_HTTP_BODY) body += item.text();
    if (item.kind == FRESHET_HTTP_HEADER) headers += item.text() + "\n";
  }
  return body;
}

TEST(Studio, HasAPageThatLoadsNothingFromElsewhereAndNoScriptInItsText) {
  const CreatedPlugin plugin(*freshet_plugin_entry());
  std::string headers;
  const std::string page = asked(plugin, "/studio/", headers);
  EXPECT_NE(page.find("<title>Freshet"), std::string::npos) << page;
  EXPECT_EQ(page.find("://"), std::string::npos) << page;
  EXPECT_EQ(page.find("<style"), std::string::npos) << page;
  EXPECT_NE(headers.find("script-src 'self';"), std::string::npos) << headers;
  EXPECT_NE(headers.find("frame-ancestors 'none'"), std::string::npos) << headers;
  EXPECT_EQ(headers.find("unsafe"), std::string::npos) << headers;
}

TEST(Studio, IsOnTheAdminListenerAlone) {
  const CreatedPlugin plugin(*freshet_plugin_entry());
  EXPECT_EQ(plugin.service<freshet_http>(FRESHET_HTTP_ID)->listeners,
            uint32_t{FRESHET_HTTP_ON_ADMIN_OPEN});
}

TEST(Studio, IsWhereTheManifestSays) {
  const CreatedPlugin plugin(*freshet_plugin_entry(),
                             [](testing::FakeHost& host) { host.set("route", "/look"); });
  std::string headers;
  asked(plugin, "/look", headers);
  EXPECT_NE(headers.find("Location: look/\n"), std::string::npos) << headers;
  EXPECT_NE(asked(plugin, "/look/", headers).find("<title>Freshet"), std::string::npos);
  const auto faults_of = [](const char* route) {
    return CreatedPlugin(*freshet_plugin_entry(),
                         [&](testing::FakeHost& host) { host.set("route", std::string(route)); })
        .faults();
  };
  EXPECT_NE(faults_of("studio").find("must begin with '/'"), std::string::npos);
  EXPECT_NE(faults_of("/look/in").find("must be of one part"), std::string::npos);
}

}  // namespace
}  // namespace freshet::studio

#include "demo/demo.h"

#include <gtest/gtest.h>

#include "freshet/testing/created_plugin.h"
#include "freshet/testing/fake_request.h"

extern "C" const freshet_plugin* freshet_plugin_entry(void);

namespace freshet::demo {
namespace {

using testing::Answer;
using testing::CreatedPlugin;
using testing::FakeHost;
using testing::FakeRequest;

std::string page_of(const CreatedPlugin& plugin, const std::string& target) {
  const auto* http = plugin.service<freshet_http>(FRESHET_HTTP_ID);
  const FakeRequest request(target);
  Answer answer;
  http->answer(http->self, &request.c(), answer.reply());
  EXPECT_EQ(answer.wait(), Status::ok);
  std::string body;
  for (const auto& item : answer.items()) {
    if (item.kind == FRESHET_HTTP_BODY) body += item.text();
  }
  return body;
}

TEST(Demo, TellsItsPageWhereClientsConnect) {
  const CreatedPlugin plugin(*freshet_plugin_entry(),
                             [](FakeHost& host) { host.set("wire", "/y"); });
  const std::string page = page_of(plugin, "/demo/");
  EXPECT_NE(page.find("<!doctype html>"), std::string::npos) << page;
  EXPECT_EQ(page.find("@wire@"), std::string::npos) << page;
  // A build without Node has a page that says so.
  if (page.find("demo.js") != std::string::npos) {
    EXPECT_NE(page.find("data-wire=\"/y\""), std::string::npos) << page;
  }
}

TEST(Demo, TakesNoWireThatEndsInThePagesText) {
  const CreatedPlugin plugin(*freshet_plugin_entry(),
                             [](FakeHost& host) { host.set("wire", "/y\"><b>"); });
  EXPECT_NE(plugin.faults().find("wire: has a character"), std::string::npos) << plugin.faults();
}

}  // namespace
}  // namespace freshet::demo

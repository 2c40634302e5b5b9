// What stays of a manifest in safe mode.
#include "core/guard/safe_mode.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "core/tests/report/kept_log.h"
#include "freshet/abi.h"

namespace freshet {
namespace {

using ::testing::HasSubstr;

struct SafeModeTest : ::testing::Test {
  void add(const std::string& use, const char* offers, bool essential = false,
           const std::string& fault = "") {
    Manifest::Plugin plugin;
    plugin.use = use;
    plugin.line = static_cast<uint32_t>(manifest.plugins.size()) + 1;
    plugin.essential = essential;
    manifest.plugins.push_back(plugin);
    TrialLoad one{fault, {}};
    if (offers != nullptr) one.offers.emplace_back(offers);
    tried.push_back(one);
  }
  void add_server() {
    add("platform", FRESHET_PLATFORM_ID);
    add("engine", FRESHET_CRDT_ID);
    add("store", FRESHET_STORE_ID);
    add("wire", FRESHET_PROTOCOL_ID);
  }
  std::string kept() {
    keep_essential(manifest, tried, log, problems);
    std::string out;
    for (const auto& plugin : manifest.plugins) out += (out.empty() ? "" : " ") + plugin.use;
    return out;
  }

  Manifest manifest;
  TrialLoads tried;
  KeptLog log;
  Problems problems{"m.toml"};
};

TEST_F(SafeModeTest, WithNothingMarkedAppsAndPagesAreLeftOut) {
  add_server();
  add("app", FRESHET_APP_ID);
  add("pages", FRESHET_HTTP_ID);
  add("auth", FRESHET_AUTH_ID);
  EXPECT_EQ(kept(), "platform engine store wire auth");
  EXPECT_THAT(log.lines, HasSubstr("safe mode: left out: app, pages; rooms that are not stored yet "
                                   "begin empty"));
  EXPECT_TRUE(problems.empty());
}

TEST_F(SafeModeTest, WhatIsMarkedStaysAndAnAuthInAnyCase) {
  add("platform", FRESHET_PLATFORM_ID, true);
  add("app", FRESHET_APP_ID, true);
  add("wire", FRESHET_PROTOCOL_ID);
  add("auth", FRESHET_AUTH_ID);
  EXPECT_EQ(kept(), "platform app auth");
  EXPECT_THAT(log.lines, HasSubstr("left out: wire"));
}

TEST_F(SafeModeTest, WhatCannotBeLoadedIsLeftOutWhereAnAuthIsThere) {
  add_server();
  add("auth", FRESHET_AUTH_ID);
  add("odd", nullptr, false, "crashes when it is loaded (SIGSEGV)");
  EXPECT_EQ(kept(), "platform engine store wire auth");
  EXPECT_TRUE(problems.empty()) << problems.text();
}

TEST_F(SafeModeTest, WhatMayHaveBeenTheAuthIsNotLeftOut) {
  add_server();
  add("odd", nullptr, false, "crashes when it is loaded (SIGSEGV)");
  kept();
  EXPECT_EQ(problems.text(),
            "m.toml:5: plugin.use: \"odd\" crashes when it is loaded (SIGSEGV), and may be what "
            "asks people who they are: take it out of the manifest if it is not\n");
}

// Unsigned, of another ABI, or not there at all: `freshet check` says which.
TEST_F(SafeModeTest, NeitherIsWhatCouldNotBeLookedAt) {
  add_server();
  add("auth", nullptr);
  kept();
  EXPECT_THAT(problems.text(), HasSubstr("\"auth\" cannot be loaded, and may be what asks people"));
}

}  // namespace
}  // namespace freshet

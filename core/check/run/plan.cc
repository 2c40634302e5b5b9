#include "core/check/run/plan.h"

#include <fnmatch.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string_view>

#include "freshet/abi.h"

namespace freshet::check {
namespace {

struct Suite {
  std::string_view suite;  // GoogleTest's
  const char* group;
  const char* service;  // that it is for; null: any plugin
};

// In the order in which they are run.
constexpr Suite kSuites[] = {
    {"AnyPlugin", "plugin", nullptr},
    {"StoreContract", "store", FRESHET_STORE_ID},
    {"StoreInTrouble", "store", FRESHET_STORE_ID},
    {"OutboxContract", "outbox", FRESHET_STORE_ID},
    {"KeptContract", "kept", FRESHET_STORE_ID},
    {"ClusterContract", "cluster", FRESHET_STORE_ID},
    {"BusContract", "bus", FRESHET_BUS_ID},
    {"CrdtPlugin", "crdt", FRESHET_CRDT_ID},
    {"ProtocolPlugin", "protocol", FRESHET_PROTOCOL_ID},
    {"AuthPlugin", "auth", FRESHET_AUTH_ID},
    {"AppPlugin", "app", FRESHET_APP_ID},
    {"HttpPlugin", "http", FRESHET_HTTP_ID},
};

// "Plugin/StoreContract" of tests with a parameter.
std::string_view bare(std::string_view suite) {
  const size_t slash = suite.find('/');
  return slash == std::string_view::npos ? suite : suite.substr(slash + 1);
}

bool is_for(const Suite& suite, const std::vector<std::string>& offers, const StoreParts& parts) {
  const std::string_view group = suite.group;
  if (group == "outbox" && !parts.outbox) return false;
  if (group == "kept" && !parts.kept) return false;
  if (group == "cluster" && !parts.shared) return false;
  return suite.service == nullptr || std::ranges::find(offers, suite.service) != offers.end();
}

void add_tests(const Suite& suite, std::vector<Planned>& out) {
  const ::testing::UnitTest& all = *::testing::UnitTest::GetInstance();
  for (int i = 0; i < all.total_test_suite_count(); ++i) {
    const ::testing::TestSuite& one = *all.GetTestSuite(i);
    if (bare(one.name()) != suite.suite) continue;
    for (int j = 0; j < one.total_test_count(); ++j) {
      const std::string full = one.GetTestInfo(j)->name();
      out.push_back({suite.group + ("." + full.substr(0, full.find('/'))),
                     std::string(one.name()) + "." + full, suite.group});
    }
  }
}

}  // namespace

std::vector<Planned> plan_for(const std::vector<std::string>& offers, const StoreParts& parts) {
  std::vector<Planned> out;
  for (const Suite& suite : kSuites) {
    if (is_for(suite, offers, parts)) add_tests(suite, out);
  }
  return out;
}

bool fits(const std::string& pattern, const std::string& name) {
  return pattern.empty() || ::fnmatch(pattern.c_str(), name.c_str(), 0) == 0;
}

}  // namespace freshet::check

// core/check/tests/opened.h: what the tests of one service begin with.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <random>
#include <string>

#include "core/check/plugin/instance.h"
#include "core/check/plugin/trial.h"
#include "freshet/sink.h"
#include "freshet/testing.h"

namespace freshet::check {

// The plugin, created in a place of this test's own.
class PluginTest : public ::testing::Test {
 protected:
  void SetUp() override {
    instance_ = std::make_unique<Instance>(Trial::here(), Trial::here().place("own"));
    ASSERT_TRUE(instance_->ok()) << instance_->why();
  }
  Instance& plugin() { return *instance_; }
  void end_plugin() { instance_->end(); }

  // The same for the same seed, and another for each test.
  static std::mt19937_64 chance() {
    const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
    return std::mt19937_64(Trial::here().subject().seed ^
                           std::hash<std::string>()(test == nullptr ? "" : test->name()));
  }
  static size_t below(std::mt19937_64& chance, size_t bound) {
    return bound == 0 ? 0 : static_cast<size_t>(chance() % bound);
  }
  static std::string bytes(std::mt19937_64& chance, size_t size) {
    std::string out(size, '\0');
    for (char& byte : out) byte = static_cast<char>(chance());
    return out;
  }

 private:
  std::unique_ptr<Instance> instance_;
};

}  // namespace freshet::check

// What the system lets the process have, as /proc and /sys say it.
#include "platform-ws/process_memory.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace freshet::ws::testing {
namespace {

constexpr uint64_t kMiB = 1 << 20;

struct System {
  System() { write("proc/meminfo", "MemTotal:        8192 kB\nMemFree:  1 kB\n"); }
  ~System() { std::filesystem::remove_all(root); }
  System(const System&) = delete;
  System& operator=(const System&) = delete;

  void write(const std::string& path, const std::string& text) const {
    const std::filesystem::path file = root + "/" + path;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file) << text;
  }
  uint64_t available() const { return available_bytes(root); }

  const std::string root = ::testing::TempDir() + "process-memory-" + std::to_string(::getpid());
};

TEST(ProcessMemory, WithoutABoundItIsTheMachine) {
  const System system;
  EXPECT_EQ(system.available(), 8 * kMiB);
  system.write("proc/self/cgroup", "0::/a\n");
  system.write("sys/fs/cgroup/a/memory.max", "max\n");
  EXPECT_EQ(system.available(), 8 * kMiB);
}

TEST(ProcessMemory, AGroupAndThoseAboveItBound) {
  const System system;
  system.write("proc/self/cgroup", "0::/system.slice/freshet.service\n");
  system.write("sys/fs/cgroup/system.slice/freshet.service/memory.max", "4194304\n");
  EXPECT_EQ(system.available(), 4 * kMiB);
  system.write("sys/fs/cgroup/system.slice/memory.max", "2097152\n");
  EXPECT_EQ(system.available(), 2 * kMiB);
  system.write("sys/fs/cgroup/system.slice/freshet.service/memory.high", "1048576\n");
  EXPECT_EQ(system.available(), 1 * kMiB) << "above it the system slows down what allocates";
}

TEST(ProcessMemory, InAContainerItsGroupIsAtTheTop) {
  const System system;
  system.write("proc/self/cgroup", "0::/\n");
  system.write("sys/fs/cgroup/memory.max", "3145728\n");
  EXPECT_EQ(system.available(), 3 * kMiB);
}

TEST(ProcessMemory, VersionOneSaysItElsewhere) {
  const System system;
  system.write("proc/self/cgroup", "5:cpu,cpuacct:/\n4:memory:/docker/abc\n0::/\n");
  system.write("sys/fs/cgroup/memory/memory.limit_in_bytes", "3145728\n");
  EXPECT_EQ(system.available(), 3 * kMiB);
  system.write("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
  EXPECT_EQ(system.available(), 8 * kMiB) << "no bound";
}

TEST(ProcessMemory, OfNothingThatCanBeReadNothingIsKnown) {
  EXPECT_EQ(available_bytes("/nowhere/at/all"), 0u);
}

TEST(ProcessMemory, IsWhatTheProcessTakes) {
  EXPECT_GT(resident_bytes(), kMiB / 4);
  EXPECT_LT(resident_bytes(), available_bytes());
}

}  // namespace
}  // namespace freshet::ws::testing

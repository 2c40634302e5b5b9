// What a stranger's request bodies cost the server as a whole: not more than its bounds say.
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "cli_world.h"
#include "sanitizer.h"

namespace freshet::testing {
namespace {

constexpr size_t kMiB = size_t{1} << 20;
constexpr size_t kClients = 120, kBody = 8 * kMiB, kPiece = 64 << 10;
constexpr int kSilenceMs = 20'000;

// One request whose last byte never comes.
class Withholding {
 public:
  Withholding(const std::string& socket_path, const std::string& request_line)
      : fd_(::socket(AF_UNIX, SOCK_STREAM, 0)) {
    sockaddr_un to{};
    to.sun_family = AF_UNIX;
    socket_path.copy(to.sun_path, sizeof(to.sun_path) - 1);
    EXPECT_EQ(::connect(fd_, reinterpret_cast<const sockaddr*>(&to), sizeof(to)), 0);
    send(request_line + " HTTP/1.1\r\nHost: admin\r\nContent-Length: " + std::to_string(kBody) +
         "\r\n\r\n");
  }
  ~Withholding() { ::close(fd_); }
  Withholding(const Withholding&) = delete;
  Withholding& operator=(const Withholding&) = delete;

  // False: it was answered, or there is but one byte left.
  bool goes_on() {
    if (answered(0) || left_ == 1) return false;
    const std::string piece(std::min(kPiece, left_ - 1), 'x');
    send(piece);
    left_ -= piece.size();
    return true;
  }
  std::string status(int wait_ms) {
    if (!answered(wait_ms)) return "";
    char bytes[12] = {};
    return {bytes, static_cast<size_t>(std::max<ssize_t>(::recv(fd_, bytes, sizeof(bytes), 0), 0))};
  }

 private:
  bool answered(int wait_ms) const {
    pollfd waiting{fd_, POLLIN, 0};
    return poll(&waiting, 1, wait_ms) == 1;
  }
  void send(std::string_view bytes) const {
    while (!bytes.empty()) {
      const ssize_t size = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (size <= 0) return;
      bytes.remove_prefix(static_cast<size_t>(size));
    }
  }

  const int fd_;
  size_t left_ = kBody;
};

class WithheldBodies : public ::testing::Test {
 protected:
  const TempFolder& folder_with_manifest() {
    folder_.write("freshet.toml",
                  "[server]\nlisten = [\"unix:public.sock\"]\nadmin = \"unix:admin.sock\"\n"
                  "[[plugin]]\nuse = \"platform-ws\"\n[plugin.settings]\n"
                  "shards = 1\nhalf_received_bytes = \"16 MiB\"\nclose_timeout_ms = \"60 s\"\n"
                  "request_timeout_ms = \"60 s\"\n[[plugin]]\nuse = \"crdt-native\"\n"
                  "[[plugin]]\nuse = \"store-sqlite\"\n[plugin.settings]\n"
                  "path = \"data/freshet.db\"\n[[plugin]]\nuse = \"protocol-yjs\"\n");
    return folder_;
  }
  void SetUp() override {
    if (kSanitized) GTEST_SKIP() << "a sanitizer's memory would be counted as the server's";
    ASSERT_TRUE(served_.says(" serves ")) << served_.log();
    before_ = served_.resident_bytes();
  }

  // All of them at once, a piece of each in turn, as far as they are let.
  void attack(const std::string& socket, const std::string& request_line) {
    const std::string path = (folder_.path() / socket).string();
    for (size_t i = 0; i < kClients; ++i) {
      clients_.push_back(std::make_unique<Withholding>(path, request_line));
    }
    for (bool any = true; any;) {
      any = false;
      for (const auto& client : clients_) any = client->goes_on() || any;
    }
  }
  size_t grown_bytes() const {
    const size_t now = served_.resident_bytes();
    return now - std::min(now, before_);
  }

  TempFolder folder_;
  Served served_{folder_with_manifest(), {"serve"}};
  std::vector<std::unique_ptr<Withholding>> clients_;
  size_t before_ = 0;
};

TEST_F(WithheldBodies, ThatNobodyWantsAreAnsweredAndNotRead) {
  attack("public.sock", "POST /nowhere");
  for (const auto& client : clients_) EXPECT_EQ(client->status(kSilenceMs), "HTTP/1.1 404");
  EXPECT_LT(grown_bytes(), 24 * kMiB);
  clients_.clear();
  EXPECT_EQ(served_.stop(), kOk);
}

// Twice the bound: what there is, and the copy of one that grows.
TEST_F(WithheldBodies, ThatAreRefusedAreForgottenBeforeTheirConnectionsEnd) {
  attack("admin.sock", "PUT /api/v1/rooms/a/update");
  size_t refused = 0;
  for (const auto& client : clients_) refused += client->status(100) == "HTTP/1.1 503" ? 1 : 0;
  EXPECT_GE(refused, kClients - 16 * kMiB / kBody);
  EXPECT_LT(grown_bytes(), 2 * 16 * kMiB);
  clients_.clear();
  EXPECT_EQ(served_.stop(), kOk);
}

}  // namespace
}  // namespace freshet::testing

// my-bus: a Freshet bus for the nodes of one machine: each has a socket in a folder that they
// share, and sends a datagram to every other. Nothing is lost in a socket of this kind, nor out of
// order.
#include <freshet/bus/outgoing.h>
#include <freshet/bus/topics.h>
#include <freshet/plugin.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <string>
#include <thread>

namespace {

using freshet::Bytes, freshet::Status;
namespace fs = std::filesystem;

constexpr size_t kMostBytes = 128 << 10;
constexpr freshet::Outgoing::Bounds kBounds{FRESHET_BUS_TOPIC_BYTES, kMostBytes, 16 << 20,
                                            std::chrono::seconds(5)};
constexpr timeval kSendPatience{.tv_sec = 1, .tv_usec = 0};  // with a node that does not read

bool address_of(const fs::path& path, sockaddr_un& out) {
  out = {};
  out.sun_family = AF_UNIX;
  if (path.native().size() >= sizeof(out.sun_path)) return false;
  std::memcpy(out.sun_path, path.c_str(), path.native().size());
  return true;
}

// Called by any thread. Two of its own: one hears, one sends what publish() left for it.
class MyBus final : public freshet::Bus {
 public:
  static constexpr freshet_setting kSettings[] = {freshet::setting::required(
      freshet::setting::text("folder", nullptr, "Of the nodes of one cluster; made if need be."))};
  static constexpr freshet::About kAbout{.id = "my-bus",
                                         .version = "0.1.0",
                                         .summary = "Nodes of one machine hear each other.",
                                         .settings = kSettings};

  static freshet::Result<std::unique_ptr<MyBus>> create(freshet::Host host) {
    const std::string folder(host.text("folder"));
    if (folder.empty()) return host.error("folder is empty"), Status::malformed;
    return std::make_unique<MyBus>(host, folder);
  }
  MyBus(freshet::Host host, std::string folder) : host_(host), folder_(std::move(folder)) {}

  ~MyBus() {
    hears_.request_stop();
    sends_.request_stop();
    outgoing_.wake();
    if (socket_ >= 0) ::shutdown(socket_, SHUT_RD);  // wakes the one that hears
    if (hears_.joinable()) hears_.join();
    if (sends_.joinable()) sends_.join();
    std::error_code ignored;
    fs::remove(own_, ignored);
    if (socket_ >= 0) ::close(socket_);
  }

  freshet::BusTraits traits() override { return {folder_, kMostBytes, kMostBytes / 2}; }

  Status start(freshet::Hearer hearer) override {
    std::error_code failed;
    fs::create_directories(folder_, failed);
    const auto number = reinterpret_cast<uintptr_t>(this);  // a process may have several
    own_ = fs::path(folder_) / (std::to_string(::getpid()) + "-" + std::to_string(number));
    fs::remove(own_, failed);  // of a process of this number that was killed
    sockaddr_un address;
    socket_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (socket_ < 0 || !address_of(own_, address) ||
        ::bind(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
      host_.error("cannot have a socket at " + own_.string() + ": " + std::strerror(errno));
      return Status::denied;
    }
    ::setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &kSendPatience, sizeof(kSendPatience));
    outgoing_.open();
    hears_ = std::jthread([this, hearer](const std::stop_token& stop) { hear(stop, hearer); });
    sends_ = std::jthread([this](const std::stop_token& stop) { send(stop); });
    return Status::ok;
  }

  // All that is published comes here anyway, so it is heard from now on.
  void subscribe(std::string_view topic, freshet::LateReply done) override {
    if (topic.size() > kBounds.topic_bytes) return done.done(Status::too_large);
    topics_.add(topic);
    done.done(Status::ok);
  }
  void unsubscribe(std::string_view topic) override { topics_.remove(topic); }
  Status publish(std::string_view topic, Bytes message) override {
    return outgoing_.push(topic, message);
  }

 private:
  // A datagram: the topic's length in two bytes, the topic, the message.
  void hear(const std::stop_token& stop, freshet::Hearer hearer) {
    std::vector<uint8_t> packet(2 + FRESHET_BUS_TOPIC_BYTES + kMostBytes);
    while (!stop.stop_requested()) {
      const ssize_t size = ::recv(socket_, packet.data(), packet.size(), 0);
      if (size < 2) continue;
      const Bytes all(packet.data(), static_cast<size_t>(size));
      const size_t length = static_cast<size_t>(all[0] << 8 | all[1]);
      if (2 + length >= all.size()) continue;  // of a stranger
      const std::string_view topic = freshet::as_text(all.subspan(2, length));
      if (topics_.has(topic)) hearer.hear(topic, all.subspan(2 + length));
    }
  }

  void send(const std::stop_token& stop) {
    std::vector<uint8_t> packet;
    while (!stop.stop_requested()) {
      outgoing_.wait_until(stop, freshet::Outgoing::Clock::now() + std::chrono::seconds(60));
      const auto taken = outgoing_.take(kMostBytes);
      for (const auto& message : taken.messages) {
        const size_t length = message.topic.size();
        packet = {static_cast<uint8_t>(length >> 8), static_cast<uint8_t>(length)};
        packet.insert(packet.end(), message.topic.begin(), message.topic.end());
        packet.insert(packet.end(), message.bytes.begin(), message.bytes.end());
        send_to_others(packet);
      }
    }
  }
  // A socket that nobody has any more is one of a process that was killed.
  void send_to_others(Bytes packet) const {
    std::error_code failed;
    for (const auto& entry : fs::directory_iterator(folder_, failed)) {
      sockaddr_un address;
      if (entry.path() == own_ || !address_of(entry.path(), address)) continue;
      const ssize_t sent = ::sendto(socket_, packet.data(), packet.size(), MSG_NOSIGNAL,
                                    reinterpret_cast<const sockaddr*>(&address), sizeof(address));
      if (sent < 0 && errno == ECONNREFUSED) fs::remove(entry.path(), failed);
    }
  }

  const freshet::Host host_;
  const std::string folder_;
  fs::path own_;
  int socket_ = -1;
  freshet::Outgoing outgoing_{kBounds};
  freshet::Topics topics_;
  std::jthread hears_, sends_;
};

}  // namespace

FRESHET_PLUGIN(MyBus)

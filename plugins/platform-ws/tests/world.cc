#include "platform-ws/tests/world.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <stdexcept>

namespace freshet::ws::testing {

// ---- core ---------------------------------------------------------------------------------------

EchoCore::EchoCore() {
  events_.size = sizeof(events_);
  events_.ctx = this;
  events_.on_request = [](void* ctx, uint32_t shard, freshet_exchange* exchange,
                          const freshet_request* r) {
    EchoCore& core = self(ctx);
    Request request{std::string(view(r->method)),
                    std::string(view(r->target)),
                    std::string(view(r->peer)),
                    std::string(view(r->site)),
                    std::string(as_text(view(r->body))),
                    {},
                    shard,
                    r->role,
                    r->upgrade != 0,
                    r->movable != 0};
    for (size_t i = 0; i < r->header_count; ++i) {
      request.headers[std::string(view(r->headers[i].name))] = view(r->headers[i].value);
    }
    core.note([&] { core.requests_.push_back(request); });
    if (core.on_request) return core.on_request(exchange, *r, shard);
    if (!request.upgrade) return core.respond(exchange, 200, request.target);
    const size_t wanted = request.target.find("?shard=");
    if (wanted == std::string::npos) return core.accept(exchange, shard);
    core.accept(exchange, static_cast<uint32_t>(std::stoul(request.target.substr(wanted + 7))));
  };
  events_.body_limit = [](void* ctx, uint32_t, const freshet_request* head) -> uint64_t {
    EchoCore& core = self(ctx);
    return core.body_limit ? core.body_limit(*head) : UINT64_MAX;
  };
  events_.on_open = [](void* ctx, freshet_conn* conn) {
    EchoCore& core = self(ctx);
    core.note([&] {
      ++core.opened_;
      core.broken_ += core.live_.emplace(conn, std::this_thread::get_id()).second ? 0 : 1;
    });
    if (core.on_open) core.on_open(conn);
  };
  events_.on_message = [](void* ctx, freshet_conn* conn, freshet_bytes message, int text) {
    EchoCore& core = self(ctx);
    core.check(conn);
    const Bytes bytes{message.data, message.size};
    // Sanitizers see it if these are not readable.
    uint8_t behind = 0;
    for (size_t i = 0; i < kReadAheadBytes; ++i) {
      behind = static_cast<uint8_t>(behind ^ *(message.data + message.size + i));
    }
    [[maybe_unused]] volatile uint8_t used = behind;
    if (core.on_message) return core.on_message(conn, bytes, text != 0);
    core.note([&] { core.messages_.emplace_back(as_text(bytes)); });
    core.send(conn, as_text(bytes), text != 0);
  };
  events_.on_drain = [](void* ctx, freshet_conn* conn) {
    EchoCore& core = self(ctx);
    core.check(conn);
    if (core.on_drain) core.on_drain(conn);  // before anybody who waits for it looks
    core.note([&] { ++core.drained_; });
  };
  events_.on_close = [](void* ctx, freshet_conn* conn) {
    EchoCore& core = self(ctx);
    core.check(conn);
    if (core.on_close) core.on_close(conn);
    core.note([&] {
      core.live_.erase(conn);
      ++core.closed_;
    });
  };
  events_.on_fault = [](void* ctx, freshet_conn* conn, uint16_t code, freshet_str reason) {
    EchoCore& core = self(ctx);
    core.check(conn);
    if (core.on_fault) core.on_fault(conn, code, std::string(view(reason)));
  };
  events_.on_stop = [](void* ctx, uint32_t) {
    EchoCore& core = self(ctx);
    core.note([&] { ++core.stops_; });
    if (core.on_stop) return core.on_stop();
    core.platform().finish();
  };
}

void EchoCore::accept(freshet_exchange* exchange, uint32_t shard, void* data, uint16_t close_code,
                      std::string_view subprotocol) {
  freshet_accept accept{};
  accept.size = sizeof(accept);
  accept.shard = shard;
  accept.data = data;
  accept.close_code = close_code;
  accept.subprotocol = to_c(subprotocol);
  accept.close_reason = to_c(std::string_view("said the core"));
  if (on_accept) on_accept(accept);
  platform_->accept(exchange, accept);
}

void EchoCore::respond(freshet_exchange* exchange, uint16_t status, std::string_view body) {
  const freshet_header type{to_c(std::string_view("Content-Type")),
                            to_c(std::string_view("text/plain"))};
  freshet_response response{};
  response.size = sizeof(response);
  response.status = status;
  response.headers = &type;
  response.header_count = 1;
  response.body = {reinterpret_cast<const uint8_t*>(body.data()), body.size()};
  platform_->respond(exchange, response);
}

void EchoCore::send(freshet_conn* conn, std::string_view message, bool text) {
  freshet_body* body = platform_->body_create(message.size());
  std::memcpy(body->data, message.data(), message.size());
  platform_->send(conn, {}, body, text);
  platform_->body_unref(body);
}

bool EchoCore::wait(const std::function<bool()>& reached) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, kPatience, reached);
}

void EchoCore::note(const std::function<void()>& change) {
  {
    const std::lock_guard lock(mutex_);
    change();
  }
  changed_.notify_all();
}

void EchoCore::check(freshet_conn* conn) {
  const std::lock_guard lock(mutex_);
  const auto found = live_.find(conn);
  if (found == live_.end() || found->second != std::this_thread::get_id()) ++broken_;
}

// ---- world --------------------------------------------------------------------------------------

World::~World() {
  if (thread_.joinable()) {
    platform->request_stop();
    platform->request_stop();
    thread_.join();
  }
  EXPECT_EQ(core.broken_promises(), 0u);
  EXPECT_EQ(core.opened(), core.closed());
}

Status World::start(std::vector<std::string> listeners) {
  auto created = make_plugin<WsPlatform>(host.host());
  if (!created) return created.status();
  platform = *std::move(created);
  core.attach(*platform);
  std::vector<freshet_listener> wanted;
  for (const std::string& listener : listeners) {
    const bool admin = listener.starts_with("admin ");
    wanted.push_back({to_c(std::string_view(listener).substr(admin ? 6 : 0)),
                      admin ? uint32_t{FRESHET_ADMIN} : uint32_t{FRESHET_PUBLIC}});
  }
  freshet_listen listen{};
  listen.size = sizeof(listen);
  listen.listeners = wanted.data();
  listen.count = wanted.size();
  const Status status = platform->start(listen, core.events());
  if (status != Status::ok) return status;
  if (before_run) before_run();
  thread_ = std::thread([this] { status_.set_value(platform->run()); });
  return status;
}

Status World::stop() {
  platform->request_stop();
  return ended();
}

Status World::ended() {
  if (ended_.wait_for(kPatience) != std::future_status::ready) {
    ADD_FAILURE() << "run() does not return";
    std::abort();
  }
  thread_.join();
  return ended_.get();
}

uint16_t World::port(size_t listener) const {
  const std::string bound = platform->bound().at(listener);
  return static_cast<uint16_t>(std::stoul(bound.substr(bound.rfind(':') + 1)));
}

void World::on_shard(uint32_t shard, std::function<void()> fn) {
  struct Call {
    std::function<void()> fn;
    std::promise<void> done;
  } call{std::move(fn), {}};
  platform->post(
      shard,
      [](void* arg) {
        auto& c = *static_cast<Call*>(arg);
        c.fn();
        c.done.set_value();
      },
      &call);
  call.done.get_future().wait();
}

// ---- client -------------------------------------------------------------------------------------

namespace {

[[noreturn]] void give_up(const std::string& what) {
  throw std::runtime_error(what + ": " + std::strerror(errno));
}

}  // namespace

uint16_t Frame::close_code() const {
  if (opcode != 8 || payload.size() < 2) return 0;
  return static_cast<uint16_t>(static_cast<uint8_t>(payload[0]) << 8 |
                               static_cast<uint8_t>(payload[1]));
}

std::string Response::header(const std::string& name) const {
  const size_t at = head.find("\r\n" + name + ": ");
  if (at == std::string::npos) return {};
  const size_t from = at + 2 + name.size() + 2;
  return head.substr(from, head.find("\r\n", from) - from);
}

const char* const Client::kUpgrade =
    "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

Client::Client(uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  connect_to(reinterpret_cast<const sockaddr*>(&address), sizeof(address));
}

Client Client::unix(const std::string& path) {
  Client client;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path.c_str(), sizeof(address.sun_path) - 1);
  client.connect_to(reinterpret_cast<const sockaddr*>(&address), sizeof(address));
  return client;
}

Client Client::tls(uint16_t port) {
  Client client(port);
  client.context_ = SSL_CTX_new(TLS_client_method());
  client.ssl_ = SSL_new(client.context_);
  SSL_set_fd(client.ssl_, client.fd_);
  if (SSL_connect(client.ssl_) != 1) give_up("TLS handshake");
  return client;
}

void Client::connect_to(const sockaddr* address, socklen_t size) {
  fd_ = ::socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const timeval patience{std::chrono::seconds(kPatience).count(), 0};
  ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  ::setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
  if (::connect(fd_, address, size) != 0) give_up("connect");
}

Client::Client(Client&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)),
      context_(std::exchange(other.context_, nullptr)),
      ssl_(std::exchange(other.ssl_, nullptr)) {}

Client::~Client() {
  close();
  SSL_free(ssl_);
  SSL_CTX_free(context_);
}

void Client::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t size = ssl_ != nullptr
                             ? SSL_write(ssl_, bytes.data(), static_cast<int>(bytes.size()))
                             : ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (size <= 0) give_up("write");
    bytes.remove_prefix(static_cast<size_t>(size));
  }
}

std::string Client::read(size_t size) {
  std::string out(size, '\0');
  size_t filled = 0;
  while (filled < size) {
    const ssize_t got = ssl_ != nullptr
                            ? SSL_read(ssl_, out.data() + filled, static_cast<int>(size - filled))
                            : ::recv(fd_, out.data() + filled, size - filled, 0);
    if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) give_up("read");
    if (got <= 0) break;
    filled += static_cast<size_t>(got);
  }
  out.resize(filled);
  return out;
}

std::string Client::read_all() {
  std::string out;
  for (;;) {
    const std::string one = read(1);
    if (one.empty()) return out;
    out += one;
  }
}

std::string Client::request(std::string_view target, std::string_view headers,
                            std::string_view method) {
  return std::string(method) + " " + std::string(target) + " HTTP/1.1\r\nHost: test\r\n" +
         std::string(headers) + "\r\n";
}

Response Client::get(std::string_view target, std::string_view headers, std::string_view method) {
  write(request(target, headers, method));
  return response(method != "HEAD");
}

Response Client::response(bool with_body) {
  Response response;
  while (!response.head.ends_with("\r\n\r\n")) {
    const std::string one = read(1);
    if (one.empty()) return response;
    response.head += one;
  }
  response.status = std::stoi(response.head.substr(9, 3));
  const std::string length = response.header("Content-Length");
  if (with_body && !length.empty()) response.body = read(std::stoul(length));
  return response;
}

Response Client::handshake(std::string_view target, std::string_view headers) {
  return get(target, kUpgrade + std::string(headers));
}

std::string Client::frame(int opcode, std::string_view payload, bool fin) {
  std::string out;
  out += static_cast<char>((fin ? 0x80 : 0) | opcode);
  const size_t size = payload.size();
  const auto push = [&](size_t bytes) {
    while (bytes-- > 0) out += static_cast<char>(size >> (8 * bytes));
  };
  if (size < 126) {
    out += static_cast<char>(0x80 | size);
  } else if (size < 65536) {
    out += static_cast<char>(0xfe);
    push(2);
  } else {
    out += static_cast<char>(0xff);
    push(8);
  }
  static constexpr char kKey[4] = {0x37, static_cast<char>(0xfa), 0x21, 0x3d};
  out.append(kKey, 4);
  const size_t start = out.size();
  out += payload;
  for (size_t i = 0; i < size; ++i)
    out[start + i] = static_cast<char>(out[start + i] ^ kKey[i % 4]);
  return out;
}

Frame Client::receive() {
  const std::string start = read(2);
  if (start.size() < 2) return {};
  const auto first = static_cast<uint8_t>(start[0]), second = static_cast<uint8_t>(start[1]);
  EXPECT_EQ(first & 0x70, 0) << "reserved bits";
  EXPECT_EQ(second & 0x80, 0) << "a server's frame with a mask";
  size_t size = second & 0x7f;
  if (size >= 126) {
    const std::string extended = read(size == 126 ? 2 : 8);
    size = 0;
    for (const char c : extended) size = size << 8 | static_cast<uint8_t>(c);
  }
  return {first & 0x0f, (first & 0x80) != 0, read(size)};
}

Frame Client::receive_data() {
  for (;;) {
    Frame frame = receive();
    if (frame.opcode != 9) return frame;
  }
}

uint16_t Client::receive_close() {
  for (;;) {
    const Frame frame = receive();
    if (frame.opcode == 8 || frame.opcode == -1) return frame.close_code();
  }
}

std::string Client::certificate() const {
  X509* const peer = SSL_get1_peer_certificate(ssl_);
  std::string digest(EVP_MAX_MD_SIZE, '\0');
  unsigned size = 0;
  X509_digest(peer, EVP_sha256(), reinterpret_cast<unsigned char*>(digest.data()), &size);
  X509_free(peer);
  digest.resize(size);
  return digest;
}

void Client::close() {
  if (fd_ >= 0) ::close(std::exchange(fd_, -1));
}

void Client::reset() {
  const linger at_once{1, 0};
  ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
  close();
}

// ---- files --------------------------------------------------------------------------------------

TemporaryFolder::TemporaryFolder() {
  std::string pattern = (std::filesystem::temp_directory_path() / "freshet-ws-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) give_up("mkdtemp");
  path_ = pattern;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

void write_certificate(const std::string& cert_path, const std::string& key_path) {
  EVP_PKEY* const key = EVP_EC_gen("P-256");
  X509* const cert = X509_new();
  ASN1_INTEGER_set(X509_get_serialNumber(cert), 1);
  X509_gmtime_adj(X509_getm_notBefore(cert), 0);
  X509_gmtime_adj(X509_getm_notAfter(cert), 3600);
  X509_set_pubkey(cert, key);
  X509_NAME* const name = X509_get_subject_name(cert);
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>("localhost"), -1, -1, 0);
  X509_set_issuer_name(cert, name);
  X509_sign(cert, key, EVP_sha256());
  std::FILE* file = std::fopen(cert_path.c_str(), "w");
  PEM_write_X509(file, cert);
  std::fclose(file);
  file = std::fopen(key_path.c_str(), "w");
  PEM_write_PrivateKey(file, key, nullptr, nullptr, 0, nullptr, nullptr);
  std::fclose(file);
  X509_free(cert);
  EVP_PKEY_free(key);
}

}  // namespace freshet::ws::testing

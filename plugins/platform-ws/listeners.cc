#include "platform-ws/listeners.h"

#include <sys/socket.h>

#include <string_view>
#include <utility>

#include "platform-ws/limits.h"

namespace freshet::ws {

namespace {

constexpr uint16_t kUnavailable = 503;

}  // namespace

Status Listeners::open(const freshet_listen& listen) {
  const Status opened = open_all(listen);
  if (opened != Status::ok) all_.clear();
  return opened;
}

Status Listeners::open_all(const freshet_listen& listen) {
  if (listen.count > kMaxListeners) {
    wiring_.host.error("more than " + std::to_string(kMaxListeners) + " listeners");
    return Status::limit;
  }
  for (size_t i = 0; i < listen.count; ++i) {
    const freshet_listener& wanted = listen.listeners[i];
    const std::string address(wanted.address.data, wanted.address.size);
    FRESHET_TRY(auto listener,
                Listener::open(loop_, address, wanted.role, rights_of(wanted.role), wiring_.host));
    if (listener->address().kind == Address::Kind::tls && !load_certificate(address)) {
      return Status::malformed;
    }
    all_.push_back(std::move(listener));
  }
  return Status::ok;
}

// Whoever may talk to operators' socket may delete rooms.
SocketRights Listeners::rights_of(uint32_t role) const {
  return role == FRESHET_PUBLIC ? wiring_.settings.socket_rights : SocketRights{};
}

bool Listeners::load_certificate(const std::string& address) {
  if (tls_.loaded()) return true;
  const WsSettings& settings = wiring_.settings;
  std::string why = "the settings cert and key are needed";
  const bool named = !settings.cert.empty() && !settings.key.empty();
  if (named && tls_.load(settings.cert, settings.key, why)) return true;
  wiring_.host.error("cannot listen on \"" + address + "\": " + why);
  return false;
}

void Listeners::start(Admitted admitted) {
  admitted_ = std::move(admitted);
  for (const auto& listener : all_) {
    listener->start([this, &from = *listener](OwnedFd fd, const PeerAddress& peer) {
      take(from, std::move(fd), peer);
    });
  }
}

void Listeners::take(const Listener& listener, OwnedFd fd, const PeerAddress& peer) {
  const bool is_tls = listener.address().kind == Address::Kind::tls;
  const bool proxied = peer ? wiring_.settings.proxies.trusts(*peer) : true;
  Newcomer newcomer{.fd = {}, .ssl = {}, .seat = {}, .peer = peer, .role = listener.role()};
  if (!wiring_.admission.admit(proxied ? PeerAddress{} : peer, newcomer.seat)) {
    wiring_.metrics.refused.add();
    wiring_.refused_lines.note(peer_text(peer), kUnavailable, "too many connections",
                               monotonic_ms());
    // Said without waiting for the request: whoever is turned away costs nothing more.
    static constexpr std::string_view kAnswer =
        "HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/plain\r\nContent-Length: 21\r\n"
        "Retry-After: 5\r\nConnection: close\r\n\r\ntoo many connections\n";
    if (is_tls) return;
    (void)!::send(fd.get(), kAnswer.data(), kAnswer.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    ::shutdown(fd.get(), SHUT_WR);
    return;
  }
  if (is_tls) {
    newcomer.ssl = tls_.serve(fd.get());
    if (newcomer.ssl == nullptr) return;
  }
  newcomer.fd = std::move(fd);
  admitted_(std::move(newcomer));
}

void Listeners::stop() {
  for (const auto& listener : all_) listener->stop();
}

void Listeners::reload() {
  if (!tls_.loaded()) {
    return wiring_.host.info(
        "SIGHUP: nothing is read again without a tls: listener; the manifest wants a restart");
  }
  std::string why;
  if (tls_.load(wiring_.settings.cert, wiring_.settings.key, why)) {
    wiring_.host.info(
        "certificate read again: new connections get it; the manifest wants a restart");
  } else {
    wiring_.host.error("certificate not read again, the one in use stays: " + why);
  }
}

void Listeners::announce() const {
  for (const auto& listener : all_) {
    wiring_.host.info("listening on " + listener->bound() +
                      (listener->role() == FRESHET_ADMIN     ? " (admin)"
                       : listener->role() == FRESHET_METRICS ? " (metrics)"
                                                             : ""));
  }
}

std::vector<std::string> Listeners::bound() const {
  std::vector<std::string> out;
  for (const auto& listener : all_) out.push_back(listener->bound());
  return out;
}

}  // namespace freshet::ws

#include "platform-ws/socket/tls.h"

#include <openssl/err.h>

#include <array>
#include <filesystem>
#include <string_view>
#include <utility>

#include "freshet/format/reason.h"
#include "platform-ws/limits.h"

namespace freshet::ws {

namespace {

std::string last_error() {
  std::array<char, 256> text{};
  // The first error in the queue is the cause; those behind it say who passed it on.
  const unsigned long code = ERR_get_error();
  if (ERR_SYSTEM_ERROR(code)) {
    ERR_clear_error();
    return reason_of(ERR_GET_REASON(code));
  }
  ERR_error_string_n(code, text.data(), text.size());
  ERR_clear_error();
  return text.data();
}

// OpenSSL's own asks on the terminal for the password of an encrypted key, and waits.
int no_password(char*, int, int, void*) { return -1; }

// Whatever the client offers, this server speaks HTTP/1.1.
int choose_http11(SSL*, const unsigned char** out, unsigned char* out_size,
                  const unsigned char* offered, unsigned offered_size, void*) {
  static constexpr std::string_view kHttp11 = "\x08http/1.1";
  unsigned char* chosen = nullptr;
  const int found = SSL_select_next_proto(
      &chosen, out_size, reinterpret_cast<const unsigned char*>(kHttp11.data()),
      static_cast<unsigned>(kHttp11.size()), offered, offered_size);
  *out = chosen;
  return found == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_NOACK;
}

bool has_fit_size(const char* setting, const std::string& file, std::string& why) {
  std::error_code none;
  const uintmax_t bytes = std::filesystem::file_size(file, none);
  if (none || bytes <= kMaxPemBytes) return true;  // what is not there is told of by OpenSSL
  why = std::string(setting) + " \"" + file + "\": has " + std::to_string(bytes) +
        " bytes, more than the " + std::to_string(kMaxPemBytes) + " of any certificate or key";
  return false;
}

}  // namespace

bool Tls::load(const std::string& cert, const std::string& key, std::string& why) {
  if (!has_fit_size("cert", cert, why) || !has_fit_size("key", key, why)) return false;
  ERR_clear_error();
  std::unique_ptr<SSL_CTX, ContextDeleter> context(SSL_CTX_new(TLS_server_method()));
  if (context == nullptr) {
    why = "OpenSSL: " + last_error();
    return false;
  }
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION);
  // Writes are tried again from a buffer of their own; idle connections keep no record buffers.
  SSL_CTX_set_mode(context.get(), SSL_MODE_ENABLE_PARTIAL_WRITE |
                                      SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                      SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_default_passwd_cb(context.get(), no_password);
  SSL_CTX_set_alpn_select_cb(context.get(), choose_http11, nullptr);
  if (SSL_CTX_use_certificate_chain_file(context.get(), cert.c_str()) != 1) {
    why = "cert \"" + cert + "\": " + last_error();
    return false;
  }
  if (SSL_CTX_use_PrivateKey_file(context.get(), key.c_str(), SSL_FILETYPE_PEM) != 1) {
    why = "key \"" + key + "\": " + last_error();
    return false;
  }
  if (SSL_CTX_check_private_key(context.get()) != 1) {
    why = "key \"" + key + "\" does not belong to cert \"" + cert + "\": " + last_error();
    return false;
  }
  context_ = std::move(context);
  return true;
}

SslPtr Tls::serve(int fd) const {
  SslPtr ssl(SSL_new(context_.get()));
  if (ssl == nullptr || SSL_set_fd(ssl.get(), fd) != 1) return nullptr;
  SSL_set_accept_state(ssl.get());
  return ssl;
}

}  // namespace freshet::ws

// http_connection.h: a socket while it speaks HTTP.
#pragma once

#include <memory>
#include <string>

#include "platform-ws/http/http_message.h"
#include "platform-ws/loop/event_loop.h"
#include "platform-ws/loop/exchange.h"
#include "platform-ws/loop/peer.h"
#include "platform-ws/socket/newcomer.h"

namespace freshet::ws {

// Reads one request at a time, asks the core, writes the answer; keeps the connection for the next
// request, or hands the socket over to a Connection.
class HttpConnection final : public Peer {
 public:
  HttpConnection(EventLoop& loop, Newcomer newcomer);

  ~HttpConnection() override { let_go_of_body(); }

  // An accepted socket begins as this, unless the core has finished. [any]
  static void begin(EventLoop& loop, Newcomer newcomer);

  // The core's answers, by the exchange's way.
  void respond(const HttpRequest& request, const freshet_response& response);
  void accept(const HttpRequest& request, const freshet_accept& accept, EventLoop& target);

  void on_turn() override;
  void tick(uint64_t now_ms) override;
  void finish() override;
  void on_stopping() override;
  void kill() override;

 private:
  enum class State {
    reading,    // a request, or waiting for one
    asking,     // the core
    writing,    // the answer
    lingering,  // the answer is out and the connection ends
  };

  void on_readable() override;
  void on_writable() override { write(); }
  void take_in(std::string_view bytes);
  void parse();
  bool hold_body(size_t bytes);
  void let_go_of_body();
  AskedBy asked_by(const HttpRequest& request, std::string peer, bool movable) const;
  PeerAddress client_of(const HttpRequest& request) const;
  uint64_t body_limit(const HttpRequest& head);
  void ask(HttpRequest request);
  void refuse(const HttpRefusal& refusal, std::span<const freshet_header> headers = {});
  void note_refused(const PeerAddress& who, uint16_t status, std::string_view why);
  void turn_away_page(const HttpRequest& request);
  void answer(uint16_t status, std::span<const freshet_header> headers, Bytes body, bool with_body,
              KeepAlive keep_alive);
  void write();
  void written();
  void forget_exchange();

  EventLoop& loop_;
  const PeerAddress peer_;
  const uint32_t role_;
  State state_ = State::reading;
  uint64_t since_ms_;  // when the state, or the request being read, began
  std::unique_ptr<HttpParser> parser_;
  std::string in_;  // read, not parsed
  Exchange* exchange_ = nullptr;
  size_t held_body_bytes_ = 0;  // counted with the messages of which a part is here
  bool keep_alive_ = true;
};

}  // namespace freshet::ws

// document.h: one document on a socket, from the first message that names it until its client
// closes it.
//
//   unknown ──token──► asking ──► open ──► shut
//                     ▲   └──refused──────► ▲│
//                     └────────token────────┘┘
//
// What comes before it is open waits, within the bounds of its socket. Of one that is shut, because
// its client was refused or the session has ended, updates are answered "not taken"; another token
// opens it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "counting.h"
#include "freshet/protocol.h"
#include "waiting.h"
#include "wire.h"

namespace freshet::hocuspocus {

// What the documents of one socket share. Outlives them.
struct Socket {
  Rooms rooms;
  freshet_link* link;
  bool asks_nobody;  // this server takes every token, and none
  size_t presence_entries;
  WaitingSpace space;
  Line line = {};
  size_t refused = 0;                          // tokens
  uint64_t last_ticket = 0;                    // of tokens
  std::vector<freshet_presence> entries = {};  // empty between messages; kept for its memory
};

class Document {
 public:
  Document(Socket& socket, std::string_view address);
  ~Document();
  Document(const Document&) = delete;
  Document& operator=(const Document&) = delete;

  // `frame`: all of the message. Any status but ok is the end of the socket.
  Status take(const Message& message, Bytes frame);
  Status authenticated(Status status, const freshet_identity* identity);
  void expiring();
  void ended(std::string_view why);

  bool waits_for(uint64_t ticket) const { return ticket_ == ticket; }
  bool has(const freshet_session* session) const { return session_ == session; }
  bool shut() const { return stage_ == Stage::shut; }
  bool closed() const { return closed_; }  // by its client: it may be forgotten

 private:
  enum class Stage { unknown, asking, open, shut };

  Status take_token(std::string_view token);
  void ask(std::string_view token);
  Status keep(Kind kind, Bytes frame, bool counts);
  Status take_shut(Kind kind, Bytes frame);
  bool count(const Message& message);
  Status serve(const Message& message, bool counts);
  Status submit(const Message& message, bool counts);
  Status show(Bytes awareness);
  Status open(const freshet_identity& identity);
  Status join(const freshet_identity& identity);
  void renew(Status status, const freshet_identity* identity);
  void deny(Status status);
  void leave();
  void shut(std::string_view why);
  void remember_to_sync();
  template <class Write>
  Status say(Write write) const;

  Socket& socket_;
  const std::string address_;
  const std::vector<uint8_t> prefix_;
  Stage stage_ = Stage::unknown;
  bool closed_ = false;
  bool may_write_ = false;
  bool owes_ = false;                      // it wrote before it might
  freshet_session* session_ = nullptr;     // open
  uint64_t ticket_ = 0;                    // of the token that is being judged; 0: none is
  std::optional<std::string> next_token_;  // that came meanwhile
  Counting counting_;
  Waiting waiting_;
};

}  // namespace freshet::hocuspocus

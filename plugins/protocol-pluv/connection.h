// connection.h: one pluv client in one room.
#pragma once

#include <memory>
#include <string>

#include "client_message.h"
#include "freshet/protocol.h"
#include "server_message.h"

namespace freshet::pluv {

// A client is in the room when it has got $registered; it answers with $initializeSession and is
// seen by others from then on. It is sent nobody's edits before it has said that its own document
// stands ($updateStorage with the origin "$initialized"): a client that hears of an edit while it
// is still building is broken for as long as its page is open. What it missed comes as one update.
class Connection final : public ProtocolConnection {
 public:
  static Result<std::unique_ptr<ProtocolConnection>> open(Rooms rooms, const freshet_open& open);

  Status message(Bytes frame, bool text) override;

 private:
  Connection(Rooms rooms, const freshet_open& open, freshet_session* session);

  Flaw read(Bytes frame, bool text, MsgpackText& unpacked, ClientMessage& out) const;
  Status act_on(const ClientMessage& message);
  Status initialize(const ClientMessage& message);
  Status update_storage(const ClientMessage& message);
  Status say(const std::string& message);
  Status answer_ping();
  Addressee self() const { return {format_, id_, room_, user_}; }

  Rooms rooms_;
  freshet_link* link_;
  freshet_session* session_;
  const std::string id_, room_, user_;
  const Format format_;
  const std::string pong_;  // whole
  const bool may_write_;
  const bool acks_;       // it asked to be told what is saved
  uint64_t updates_ = 0;  // $updateStorage messages so far; their number is their ticket
  uint64_t calls_ = 0;    // the same of events
};

}  // namespace freshet::pluv

#include "connection.h"

#include <algorithm>

namespace freshet::hocuspocus {

Connection::Connection(Rooms rooms, const freshet_open& open, const Bounds& bounds)
    : socket_{.rooms = rooms,
              .link = open.link,
              .asks_nobody = FRESHET_REACHES(&open, anybody) && open.anybody != 0,
              .presence_entries = bounds.presence_entries,
              .space = WaitingSpace(bounds.waiting_bytes, bounds.waiting_messages)},
      most_documents_(bounds.documents) {}

Status Connection::message(Bytes frame, bool text) {
  if (text) return Status::malformed;
  FRESHET_TRY(const Message message, read_message(frame));
  if (message.kind == Kind::pong) return Status::ok;
  if (message.kind == Kind::ping) {
    const Status status = socket_.rooms.send_urgent(socket_.link, pong(), false);
    // So many pongs are on their way to it already that it cannot miss one more.
    return status == Status::limit ? Status::ok : status;
  }
  Document* to = document(message.address);
  // Who closes what is not there has nothing more to say to it.
  if (to == nullptr && message.kind == Kind::close) return Status::ok;
  if (to == nullptr && !has_space_for_a_document()) return Status::limit;
  if (to == nullptr) {
    const std::string address(message.address);
    to = documents_.emplace(address, std::make_unique<Document>(socket_, address))
             .first->second.get();
  }
  const Status status = to->take(message, frame);
  if (to->closed()) documents_.erase(std::string(message.address));
  return status;
}

Document* Connection::document(std::string_view address) {
  const auto it = documents_.find(std::string(address));
  return it == documents_.end() ? nullptr : it->second.get();
}

// One that is shut makes some.
bool Connection::has_space_for_a_document() {
  if (documents_.size() < most_documents_) return true;
  const auto shut =
      std::ranges::find_if(documents_, [](const auto& each) { return each.second->shut(); });
  if (shut == documents_.end()) return false;
  documents_.erase(shut);
  return true;
}

template <class Is>
Document* Connection::find(Is is) {
  const auto it = std::ranges::find_if(documents_, [&](const auto& e) { return is(*e.second); });
  return it == documents_.end() ? nullptr : it->second.get();
}

// Of one that was closed meanwhile nobody hears.
Status Connection::authenticated(uint64_t ticket, Status status, const freshet_identity* identity) {
  Document* document = find([&](const Document& each) { return each.waits_for(ticket); });
  return document == nullptr ? Status::ok : document->authenticated(status, identity);
}

void Connection::expiring(freshet_session* session) {
  Document* document = find([&](const Document& each) { return each.has(session); });
  if (document != nullptr) document->expiring();
}

void Connection::ended(freshet_session* session, uint16_t, std::string_view reason) {
  Document* document = find([&](const Document& each) { return each.has(session); });
  if (document != nullptr) document->ended(reason);
}

}  // namespace freshet::hocuspocus

// connection.h: one socket, with many documents.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "document.h"
#include "freshet/protocol.h"

namespace freshet::hocuspocus {

// Names none of its documents by itself: they are opened one by one, by what comes.
class Connection final : public ProtocolConnection {
 public:
  struct Bounds {
    size_t documents, waiting_bytes, waiting_messages, presence_entries;
  };

  Connection(Rooms rooms, const freshet_open& open, const Bounds& bounds);

  Status message(Bytes frame, bool text) override;
  Status authenticated(uint64_t ticket, Status status, const freshet_identity* identity) override;
  void expiring(freshet_session* session) override;
  void ended(freshet_session* session, uint16_t code, std::string_view reason) override;

 private:
  Document* document(std::string_view address);
  bool has_space_for_a_document();
  template <class Is>
  Document* find(Is is);  // is(const Document&)

  Socket socket_;
  const size_t most_documents_;
  std::unordered_map<std::string, std::unique_ptr<Document>> documents_;
};

}  // namespace freshet::hocuspocus

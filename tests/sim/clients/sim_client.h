// tests/sim/clients/sim_client.h: a y-websocket client with a document, as stock ones behave.
//
// It asks for what it lacks when it connects, answers the server's step1, sends its edits, shows
// itself and hears of others, comes back after a pause when it is cut off, and stays away after a
// final code. Beyond a stock client it keeps books: which of its edits the server has acknowledged
// (echoed), and whether what it was told was true at that moment.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "freshet/crdt/doc.h"
#include "sim/clients/author.h"
#include "sim/clients/books.h"
#include "sim/clients/sim_awareness.h"
#include "sim/platform/sim_platform.h"
#include "sim/plugins/sim_disk.h"
#include "sim/update_ids.h"

namespace freshet::sim {

// How clients find the server that is up now.
struct Address {
  SimPlatform* server = nullptr;  // null: down
};

// Types that some client made in a room, for others to write into.
using Landmarks = std::map<std::string, std::vector<Id>>;

struct ClientOptions {
  std::string name;
  std::string room = "r";
  std::string query = "";  // "token=..."
  bool writes = true;  // as far as the server lets it; what a reader tries is not in its own doc
  Movable movable = Movable::yes;
  size_t node = 0;  // where it is first
  bool comes_back = true;
  bool passes_presence_on = false;  // as stock providers do with what they hear of others
};

class SimClient final : public Peer {
 public:
  SimClient(Scene& scene, const Address& address, const SimDisk& disk, uint64_t id,
            ClientOptions options);

  // ---- what its user does ----
  void go_online();
  void go_offline();  // a proper close
  // From now on it is this server that it looks for. What it has not got rid of it takes along.
  void move_to(const Address& address);
  void lose_connection(uint64_t seen_after_us);  // and come back, as far as it is online
  void type(std::string_view ascii);             // at the end of its own text
  void type_at(size_t at, std::string_view ascii);
  void edit(const Author::Update& update);  // into its document and to the server
  void send(Bytes frame, bool text = false);
  void send_update(Bytes update);
  void show(std::optional<std::string> json);  // presence
  void read_speed(uint64_t bytes_per_ms);

  // ---- what it has ----
  const ClientOptions& options() const { return options_; }
  // What the disk had of its room when it last came: the least that it must be shown.
  const std::vector<Blob>& stored_when_it_came() const { return stored_when_it_came_; }
  uint64_t id() const { return author_.client(); }
  Author& author() { return author_; }
  crdt::Doc& doc() { return doc_; }
  std::string text() const;  // of the root "text"
  bool online() const { return online_; }  // or trying to be
  bool connected() const { return connected_; }
  bool synced() const { return synced_; }  // connected, and has got its first state
  bool stays_away() const { return stays_away_; }
  uint16_t close_code() const { return close_code_; }  // of the last connection that ended
  // What it was told of writes that were refused, in words.
  const std::vector<std::string>& refusals() const { return refusals_; }
  const UpdateIds& acknowledged() const { return books_.acknowledged(); }
  const UpdateIds& heard() const { return books_.heard(); }
  IdRanges known() const;  // by its state vector
  // Presence it sees, by client id, itself included.
  std::map<uint64_t, std::string> present() const { return awareness_.present(); }
  size_t backlog_bytes() const;

  struct Count {
    size_t updates = 0, step1 = 0, step2 = 0, awareness = 0, messages = 0;
  };
  Count received;
  std::string close_reason;  // with close_code()

  // ---- Peer ----
  void on_connected(std::string_view subprotocol) override;
  void on_message(Bytes message, bool text) override;
  void on_closed(uint16_t code, std::string_view reason, uint16_t status) override;

 private:
  void connect();
  void connect_later();
  void on_sync(Bytes payload, uint64_t step);
  void take_update(Bytes update, bool first_state);
  void on_awareness(Bytes payload);
  void send_sync(uint8_t step, Bytes payload);
  void renew_presence();
  void trace(const std::string& what) const;

  Scene& scene_;
  const Address* address_;
  const SimDisk& disk_;
  std::vector<Blob> stored_when_it_came_;
  const ClientOptions options_;
  Author author_;
  crdt::Doc doc_;
  Books books_;
  SimAwareness awareness_;

  bool online_ = false;
  bool connected_ = false;
  bool synced_ = false;
  bool stays_away_ = false;
  bool retry_pending_ = false;
  bool renewing_ = false;
  uint32_t failures_ = 0;
  SimPlatform* server_ = nullptr;  // of the connection
  SimPlatform::SocketId socket_ = 0;
  uint16_t close_code_ = 0;
  std::vector<std::string> refusals_;
};

}  // namespace freshet::sim

// tests/sim/clients/participant.h: a simulated client with a document, whichever wire it speaks.
//
// It sends its edits, comes back after a pause when it is cut off, and stays away after a final
// code. Beyond a stock client it keeps books: which of its edits the server has acknowledged, and
// whether what it was told was true at that moment.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "freshet/crdt/doc.h"
#include "sim/clients/author.h"
#include "sim/clients/books.h"
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

// What its wire says.
struct WireWords {
  uint16_t first_final, last_final;  // codes after which it stays away
  bool echo_saves;                   // what comes back of its own is saved
};

class Participant : public Peer {
 public:
  // All but words and options outlive it.
  Participant(Scene& scene, const Address& address, const SimDisk& disk, uint64_t id,
              const WireWords& words, ClientOptions options);
  Participant(const Participant&) = delete;
  Participant& operator=(const Participant&) = delete;

  // ---- what its user does ----
  virtual void go_online();
  void go_offline();                             // a proper close
  void lose_connection(uint64_t seen_after_us);  // and come back, as far as it is online
  // From now on it is this server that it looks for. What it has not got rid of it takes along.
  void move_to(const Address& address);
  void type(std::string_view ascii);  // at the end of its own text
  void type_at(size_t at, std::string_view ascii);
  virtual void edit(const Author::Update& update);  // into its document and to the server
  void read_speed(uint64_t bytes_per_ms);
  virtual void show_json(const std::string& json) = 0;  // presence

  // ---- what it has ----
  const ClientOptions& options() const { return options_; }
  // What the disk had of its room when it last came: the least that it must be shown.
  const std::vector<Blob>& stored_when_it_came() const { return stored_when_it_came_; }
  uint64_t id() const { return author_.client(); }
  Author& author() { return author_; }
  crdt::Doc& doc() { return doc_; }
  std::string text() const;                // of the root "text"
  bool online() const { return online_; }  // or trying to be
  bool connected() const { return connected_; }
  bool synced() const { return synced_; }  // connected, and has got its first state
  bool stays_away() const { return stays_away_; }
  uint16_t close_code() const { return close_code_; }  // of the last connection that ended
  const UpdateIds& acknowledged() const { return books_.acknowledged(); }
  const UpdateIds& heard() const { return books_.heard(); }
  IdRanges known() const;  // by its state vector
  size_t backlog_bytes() const;
  // What it shows itself, and what it sees everybody show, itself included: JSON.
  virtual std::string shown() const = 0;
  virtual std::multiset<std::string> seen() const = 0;
  std::string close_reason;  // with close_code()

  // ---- Peer ----
  void on_connected(std::string_view subprotocol) override;
  void on_closed(uint16_t code, std::string_view reason, uint16_t status) override;

 protected:
  virtual std::string target() const = 0;
  virtual void greet() = 0;  // its first words
  virtual void send_update(Bytes update) = 0;
  virtual void forget_others() = 0;  // it is connected no longer

  void send(Bytes frame, bool text = false);
  // Of an update that was sent to it; its first state may hold nothing that is not stored.
  void take_update(Bytes update, bool first_state);
  void acknowledge(const UpdateIds& own);
  void trace(const std::string& what) const;

  Scene& scene_;
  const SimDisk& disk_;
  const ClientOptions options_;
  Author author_;
  crdt::Doc doc_;
  Books books_;
  bool synced_ = false;
  bool connected_ = false;

 private:
  void connect();
  void connect_later();
  void cut_off();

  const WireWords words_;
  const Address* address_;
  std::vector<Blob> stored_when_it_came_;
  bool online_ = false;
  bool stays_away_ = false;
  bool retry_pending_ = false;
  uint32_t failures_ = 0;
  SimPlatform* server_ = nullptr;  // of the connection
  SimPlatform::SocketId socket_ = 0;
  uint16_t close_code_ = 0;
};

}  // namespace freshet::sim

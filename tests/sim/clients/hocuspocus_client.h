// tests/sim/clients/hocuspocus_client.h: a client of Hocuspocus, with the books of a stock
// provider.
//
// Its one document is authenticated in its first message. It counts what is unsynced as providers
// do, the queue of what it made while it was offline included, and when its count is 0 takes all
// that it ever made for saved.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "sim/clients/participant.h"
#include "sim/clients/sim_awareness.h"

namespace freshet::sim {

class HocuspocusClient final : public Participant {
 public:
  HocuspocusClient(Scene& scene, const Address& address, const SimDisk& disk, uint64_t id,
                   ClientOptions options);

  // ---- what its user does ----
  void go_online() override;
  void edit(const Author::Update& update) override;
  void show_json(const std::string& json) override;
  using Participant::send;

  // ---- what it has ----
  std::string shown() const override;
  std::multiset<std::string> seen() const override;
  std::map<uint64_t, std::string> present() const { return awareness_.present(); }
  uint64_t unsynced() const { return unsynced_; }
  const std::string& ended() const { return ended_; }  // why its document was, last
  const std::vector<std::string>& denied() const { return denied_; }

  // ---- Peer ----
  void on_message(Bytes message, bool text) override;

 private:
  std::string target() const override { return "/hocuspocus"; }
  void greet() override;
  void send_update(Bytes update) override;
  void forget_others() override;
  void say(std::initializer_list<uint8_t> head, Bytes payload);
  void take_sync(uint64_t step, Bytes payload);
  void take_auth(uint64_t what, Bytes payload);
  void take_awareness(Bytes payload);
  void take_status(bool saved);
  void end(Bytes why);
  void made(Bytes update);
  void renew_presence();
  void complain(const std::string& what);

  SimAwareness awareness_;
  bool renewing_ = false;
  bool asked_ = false;                       // for what the server lacks, on this connection
  bool heard_ = false;                       // anything, on this connection
  uint64_t unsynced_ = 0;                    // as it is shown to its user
  std::vector<std::vector<uint8_t>> queue_;  // made while it was offline
  UpdateIds made_;                           // ever
  std::string ended_;
  std::vector<std::string> denied_;
};

}  // namespace freshet::sim

// tests/sim/clients/sim_client.h: a y-websocket client, as stock ones behave.
//
// It asks for what it lacks when it connects, answers the server's step1, sends its edits, shows
// itself and hears of others. An edit of its own that comes back is acknowledged.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "sim/clients/participant.h"
#include "sim/clients/sim_awareness.h"

namespace freshet::sim {

class SimClient final : public Participant {
 public:
  SimClient(Scene& scene, const Address& address, const SimDisk& disk, uint64_t id,
            ClientOptions options);

  // ---- what its user does ----
  void go_online() override;
  using Participant::send;
  void send_update(Bytes update) override;
  void show(std::optional<std::string> json);  // presence
  void show_json(const std::string& json) override { show(json); }

  // ---- what it has ----
  // What it was told of writes that were refused, in words.
  const std::vector<std::string>& refusals() const { return refusals_; }
  // Presence it sees, by client id, itself included.
  std::map<uint64_t, std::string> present() const { return awareness_.present(); }
  std::string shown() const override;
  std::multiset<std::string> seen() const override;

  struct Count {
    size_t updates = 0, step1 = 0, step2 = 0, awareness = 0, messages = 0;
  };
  Count received;

  // ---- Peer ----
  void on_message(Bytes message, bool text) override;

 private:
  std::string target() const override;
  void greet() override;
  void forget_others() override { awareness_.drop_others(); }
  void on_sync(Bytes payload, uint64_t step);
  void on_awareness(Bytes payload);
  void send_sync(uint8_t step, Bytes payload);
  void renew_presence();

  SimAwareness awareness_;
  bool renewing_ = false;
  std::vector<std::string> refusals_;
};

}  // namespace freshet::sim

// tests/sim/clients/pluv_client.h: a pluv client, as stock ones behave, that asks to be told what
// is saved.
//
// It offers what a room without content begins with, takes what the room has, and then says that
// its document stands. It hears of others, and of events.
#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <set>
#include <string>
#include <vector>

#include "sim/clients/participant.h"

namespace freshet::sim {

class PluvClient final : public Participant {
 public:
  PluvClient(Scene& scene, const Address& address, const SimDisk& disk, uint64_t id,
             ClientOptions options);

  // The root that rooms begin with something in: whose offer was taken has its name there.
  static constexpr const char* kFirstRoot = "first";

  // ---- what its user does ----
  void go_online() override;
  void show_json(const std::string& json) override;
  void wave();  // an event, with the number of it

  // ---- what it has ----
  std::string shown() const override { return shown_; }
  std::multiset<std::string> seen() const override;
  uint64_t waves() const { return waves_; }
  // As the server calls this connection.
  const std::string& self() const { return self_; }
  // The last wave that this connection has heard of each other one, by its number.
  const std::map<std::string, uint64_t>& heard_waves() const { return heard_waves_; }

  // ---- Peer ----
  void on_message(Bytes message, bool text) override;

 private:
  std::string target() const override;
  void greet() override {}
  void send_update(Bytes update) override;
  void forget_others() override;
  void say(const char* type, const nlohmann::json& data);
  void offer();
  void build(const nlohmann::json& data);
  void upload(Bytes update, const char* origin);
  void note_saved(uint64_t number);
  void hear_of_others(const std::string& type, const nlohmann::json& message);
  void hear_wave(const std::string& from, uint64_t number);
  void ping();

  std::string shown_ = "{}";
  std::string self_;  // as the server calls it
  bool built_ = false;
  bool pinging_ = false;
  std::vector<UpdateIds> sent_;                // by this connection
  std::map<std::string, std::string> others_;  // itself included
  uint64_t waves_ = 0;
  std::map<std::string, uint64_t> heard_waves_;
};

}  // namespace freshet::sim

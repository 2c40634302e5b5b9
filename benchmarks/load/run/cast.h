// cast.h: the rooms of a run and who is in them: who comes first, who leaves, who comes instead.
#pragma once

#include <memory>
#include <random>
#include <string>
#include <vector>

#include "client.h"
#include "load/scenario.h"

namespace freshet::load {

// Clients stand in places: those of room r are [r × clients, (r + 1) × clients), writers first. A
// place is taken over by whoever comes for who leaves.
class Cast {
 public:
  // `world` outlives it.
  Cast(const Scenario& scenario, World& world);

  // Between two turns: connects those whose turn it is, forgets those who have left.
  void tend();
  // Nobody is on the way in.
  bool all_here() const { return waiting_.empty() && joining_.empty(); }

  // One client a room that has the document; bring() them before the others, send_home() when all
  // are in.
  void bring_documents();
  bool documents_are_there() const;
  void send_home_documents();
  void bring_everybody();
  // The same without connecting anybody; and whoever comes instead of one who is over.
  void seat_everybody();
  void seat_another(size_t place) { places_[place] = client_for(place, came_++); }

  // Somebody who only reads leaves, and another one comes. REQUIRES: there are such clients.
  void replace_somebody();
  // As many readers as the scenario says stop reading, or go on.
  void pause_readers();
  void resume_readers();

  const std::vector<std::unique_ptr<Room>>& rooms() const { return rooms_; }
  Client& at(size_t place) { return *places_[place]; }
  size_t places() const { return places_.size(); }

  // Of all who were ever here.
  Books books() const;

 private:
  std::unique_ptr<Client> client_for(size_t place, uint64_t number);
  void forget_who_has_left();

  const Scenario& scenario_;
  World& world_;
  std::mt19937_64 chance_;
  std::vector<std::unique_ptr<Room>> rooms_;
  std::vector<std::unique_ptr<Client>> places_, documents_, leaving_;
  std::vector<size_t> waiting_, joining_;  // places; waiting_ is taken from its end
  std::vector<Client*> paused_;
  uint64_t came_ = 0;
  Books left_;
};

}  // namespace freshet::load

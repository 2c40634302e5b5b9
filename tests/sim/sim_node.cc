#include "sim/sim_node.h"

namespace freshet::sim {

SimNode::SimNode(const Parts& parts, size_t index) : parts_(parts), index_(index) {}

void SimNode::trace(const std::string& what) const {
  const std::string who = parts_.setup.nodes == 1 ? "server" : "node " + std::to_string(index_);
  parts_.scene.verdict.trace(who, what);
}

void SimNode::start() {
  if (up()) return;
  trace("starts");
  processes_.push_back(std::make_unique<SimProcess>(parts_.scene, parts_.disk, parts_.air,
                                                    parts_.setup, index_, parts_.log));
  process().platform().clock() = clock_;
  address_.server = &process().platform();
  if (cut_from_store_) process().store().cut(true);
  if (cut_from_bus_) process().bus()->cut(true);
}

void SimNode::end() {
  address_.server = nullptr;
  process().end();
}

void SimNode::cut_from_store(bool is_cut) {
  if (cut_from_store_ == is_cut) return;
  trace(is_cut ? "is cut off from the store" : "reaches the store again");
  cut_from_store_ = is_cut;
  if (up()) process().store().cut(is_cut);
}

void SimNode::cut_from_bus(bool is_cut) {
  if (cut_from_bus_ == is_cut || parts_.air == nullptr) return;
  trace(is_cut ? "is cut off from the bus" : "is on the bus again");
  cut_from_bus_ = is_cut;
  if (up()) process().bus()->cut(is_cut);
}

}  // namespace freshet::sim

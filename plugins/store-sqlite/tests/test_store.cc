#include "test_store.h"

#include <fstream>
#include <sstream>

namespace freshet::sqlite {

std::string contents(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

void write_file(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

namespace {

std::string random_bytes(std::mt19937_64& random) {
  // Mostly keystrokes, sometimes a paste over several pages.
  const uint64_t dice = random() % 20;
  const size_t size = dice == 0 ? random() % 20'000 : dice < 4 ? random() % 1500 : random() % 60;
  std::string bytes(size, '\0');
  const auto seed = static_cast<char>(random());
  for (size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>(seed + static_cast<char>(i * 7));
  return bytes;
}

Status append_some(StoreCaller& store, std::mt19937_64& random, Model& next) {
  std::vector<Append> batch;
  for (uint64_t left = 1 + random() % 12; left > 0; --left) {
    const std::string name = "room " + std::to_string(random() % 6);
    if (!next.contains(name)) next[name].epoch = epoch_of(static_cast<uint8_t>(random()));
    ModelRoom& room = next[name];
    batch.push_back({name, room.epoch, room.last_seq() + 1, random_bytes(random)});
    room.log.push_back(batch.back().update);
  }
  return store.append(batch);
}

}  // namespace

std::optional<Model> read_all(StoreCaller& store) {
  Model model;
  Status status = Status::ok;
  for (const auto& [name, bytes] : store.list("", 1000, &status)) {
    const Loaded loaded = store.load(name);
    if (loaded.status != Status::ok || loaded.epochs.size() != 1) return std::nullopt;
    ModelRoom& room = model[name];
    room.epoch = loaded.epochs[0];
    if (!loaded.snapshots.empty()) {
      room.snapshot_seq = loaded.snapshots[0].first;
      room.snapshot = loaded.snapshots[0].second;
    }
    for (const auto& [seq, update] : loaded.updates) room.log.push_back(update);
  }
  return status == Status::ok ? std::optional(model) : std::nullopt;
}

Status random_act(StoreCaller& store, std::mt19937_64& random, const Model& now, Model& next) {
  next = now;
  const uint64_t dice = random() % 20;
  if (dice > 4 || now.empty()) return append_some(store, random, next);
  const auto it = std::next(next.begin(), static_cast<std::ptrdiff_t>(random() % next.size()));
  const std::string name = it->first;
  ModelRoom& room = it->second;
  if (dice == 0) {
    next.erase(it);
    return store.erase(name);
  }
  if (dice == 1) {
    room = {epoch_of(static_cast<uint8_t>(random())), random_bytes(random), 0, {}};
    return store.put(name, room.epoch, *room.snapshot);
  }
  const uint64_t dropped = random() % (room.log.size() + 1);
  room.log.erase(room.log.begin(), room.log.begin() + static_cast<std::ptrdiff_t>(dropped));
  room.snapshot_seq += dropped;
  room.snapshot = random_bytes(random);
  return store.replace(name, room.epoch, room.snapshot_seq, *room.snapshot);
}

std::string summary(const Model& model) {
  std::string out;
  for (const auto& [name, room] : model) {
    out += name + ": snapshot " + (room.snapshot ? std::to_string(room.snapshot->size()) : "none") +
           " through " + std::to_string(room.snapshot_seq) + ", log to " +
           std::to_string(room.last_seq()) + "\n";
  }
  return out;
}

}  // namespace freshet::sqlite

#include "sim/bus/false_words.h"

#include "core/cluster/bus_message.h"

namespace freshet::sim {

Blob with_early_word(Bytes message) {
  const Result<bus::Message> read = bus::read(message);
  if (!read) return {message.begin(), message.end()};
  Blob parts;
  for (const bus::Part& part : read->parts) {
    bus::write(parts, part);
    const auto* edit = std::get_if<bus::Edit>(&part);
    if (edit == nullptr || !edit->epoch) continue;
    bus::write(parts, bus::Stored{.epoch = *edit->epoch,
                                  .first_number = edit->number,
                                  .last_number = edit->number,
                                  .updates = 1,
                                  .all_said = true});
  }
  return bus::message_of(read->from, parts);
}

Blob events_again(Bytes message) {
  const Result<bus::Message> read = bus::read(message);
  Blob parts;
  if (!read) return parts;
  for (const bus::Part& part : read->parts) {
    if (std::holds_alternative<bus::Event>(part)) bus::write(parts, part);
  }
  if (parts.empty()) return parts;
  return bus::message_of({.writer = read->from.writer}, parts);
}

}  // namespace freshet::sim

#include "script.h"

#include <cstring>

#include "freshet/format/utf8.h"
#include "program.h"

namespace freshet::bench {

namespace {

constexpr size_t kHead = 1 + sizeof(uint32_t);

template <typename Number>
Number number_at(Bytes record, size_t at) {
  Number number = 0;
  if (record.size() < at + sizeof(number)) die("a step of the script is cut short");
  std::memcpy(&number, &record[at], sizeof(number));
  return number;
}

Step step_of(Bytes record) {
  const auto number = number_at<uint32_t>(record, 1);
  const Bytes rest = record.subspan(kHead);
  const std::string_view text(reinterpret_cast<const char*>(rest.data()), rest.size());
  Step step;
  step.what = static_cast<Step::Do>(record[0]);
  step.at = number;
  switch (step.what) {
    case Step::Do::author: step.value = number_at<uint64_t>(record, kHead); break;
    case Step::Do::remove:
    case Step::Do::list_number: step.value = number_at<uint32_t>(record, kHead); break;
    case Step::Do::insert:
    case Step::Do::list_string: step.text = text; break;
    case Step::Do::set_number:
      step.value = number;
      step.key = text;
      break;
    case Step::Do::set_string:
      if (number > text.size()) die("a step of the script is cut short");
      step.key = text.substr(0, number);
      step.text = text.substr(number);
      break;
    case Step::Do::meet: break;
    default: die("not a step");
  }
  step.units = utf16_length(as_bytes(step.text));
  return step;
}

}  // namespace

std::vector<Step> steps_of(const Trace& trace) {
  std::vector<Step> steps;
  for (const Bytes record : trace.updates) steps.push_back(step_of(record));
  return steps;
}

}  // namespace freshet::bench

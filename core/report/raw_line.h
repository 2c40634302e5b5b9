// core/report/raw_line.h: a line for a signal handler to say.
#pragma once

#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <string_view>

namespace freshet {

// Without memory of its own, cut where it is too long.
class RawLine {
 public:
  RawLine& add(std::string_view text) {
    const size_t size = std::min(text.size(), sizeof(text_) - 1 - size_);
    std::memcpy(text_ + size_, text.data(), size);
    size_ += size;
    return *this;
  }
  // On stderr, once.
  void write() {
    text_[size_++] = '\n';
    static_cast<void>(::write(STDERR_FILENO, text_, size_));
  }

 private:
  char text_[1024] = {};
  size_t size_ = 0;
};

}  // namespace freshet

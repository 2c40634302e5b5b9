// core/signing/trust.h: which files may become plugins.
#pragma once

#include <vector>

#include "core/signing/keys.h"

namespace freshet {

struct Trust {
  bool require_signed = false;  // else any file
  std::vector<PublicKey> keys;  // by one of these
};

}  // namespace freshet

// plugins/app-webhook/dialect/memory.h: where memory may be too little for what somebody else sends
// us.
#pragma once

#include <new>

namespace freshet::webhook {

// Does it, or says that there was no memory for it: whoever sent so much is refused, and all else
// goes on.
template <class Act>
bool with_memory(Act&& act) {
  try {
    act();
    return true;
  } catch (const std::bad_alloc&) {
    return false;
  }
}

}  // namespace freshet::webhook

#include "app-webhook/sending/complaints.h"

#include "app-webhook/limits.h"

namespace freshet::webhook {

void Complaints::tell(Complaint about, const std::string& what) {
  const uint64_t now = clock_.now_ms();
  uint64_t& again_ms = again_ms_[static_cast<size_t>(about)];
  if (now < again_ms) return;
  again_ms = now + kComplainAgainMs;
  about == Complaint::away || about == Complaint::no_first_state ? host_.warn(what)
                                                                 : host_.error(what);
}

}  // namespace freshet::webhook

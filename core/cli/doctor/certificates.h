// core/cli/doctor/certificates.h: what a `tls:` listener is given.
#pragma once

#include <string>

#include "core/cli/doctor/finding.h"

namespace freshet::cli {

// PEM files. [main]
void check_certificate(const std::string& cert, const std::string& key, Findings& out);

}  // namespace freshet::cli

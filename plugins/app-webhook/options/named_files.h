// plugins/app-webhook/options/named_files.h: the files that the manifest names.
#pragma once

#include "app-webhook/options/options.h"
#include "freshet/host.h"

namespace freshet::webhook {

// Puts in the secret, if a file has it, and looks whether the certificates are there. A failure is
// in the log, with the key and what to do.
Status read_named_files(Options& options, const Host& host);

}  // namespace freshet::webhook

// core/memory/process_figures.h: what the whole process takes of its machine, and which build it
// is, under the names that Prometheus' client libraries give these.
#pragma once

#include <string>

namespace freshet {

// Prometheus text format, as of now; what the system does not tell is left out. [any]
std::string process_figures();

}  // namespace freshet

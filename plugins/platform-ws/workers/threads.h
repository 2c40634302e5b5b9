// threads.h: threads that may not be had.
#pragma once

#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "freshet/host.h"

namespace freshet::ws {

// Starts one more, under the name (of which the system keeps 15 characters). False: there is none
// to be had, and the log says so; `setting` is what asks for so many.
bool start_thread(std::vector<std::thread>& threads, const std::string& name,
                  std::function<void()> run, Host host, const char* setting);

}  // namespace freshet::ws

#include "platform-ws/workers/threads.h"

#include <pthread.h>

#include <system_error>
#include <utility>

namespace freshet::ws {

bool start_thread(std::vector<std::thread>& threads, const std::string& name,
                  std::function<void()> run, Host host, const char* setting) {
  try {
    threads.emplace_back(std::move(run));
  } catch (const std::system_error& failure) {
    host.error("cannot start thread " + std::to_string(threads.size() + 1) + " of this kind, \"" +
               name + "\": " + failure.code().message() +
               ". Raise what bounds threads (ulimit -u, TasksMax=) or address space (ulimit -v), "
               "use smaller stacks (ulimit -s), or ask for fewer: " +
               setting);
    return false;
  }
  pthread_setname_np(threads.back().native_handle(), name.substr(0, 15).c_str());
  return true;
}

}  // namespace freshet::ws

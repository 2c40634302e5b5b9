// core/loop/plugin_call.h: a call of a plugin that answers later, on the worker that makes it.
#pragma once

#include <exception>
#include <string>

#include "core/loop/replies.h"
#include "core/report/in_plugin.h"

namespace freshet {

// Runs `call`, which is to see to it that `reply` is answered. A plugin written without the SDK's
// wrapper may throw: that is told, with its name, and is the answer. [worker]
template <class Call>
void call_plugin(Callee& of, freshet_reply reply, Call&& call) {
  const InPlugin inside(of.function.name().c_str());
  std::string thrown;
  try {
    return call();
  } catch (const std::exception& e) {
    thrown = e.what();
  } catch (...) {
    thrown = "something that is no std::exception";
  }
  of.replies.threw(of, reply, thrown);
}

}  // namespace freshet

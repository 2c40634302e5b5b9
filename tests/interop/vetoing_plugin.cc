// An app that refuses: words that are forbidden, and rooms that are closed; and one that is too
// late.
#include <algorithm>
#include <chrono>
#include <thread>

#include "freshet/plugin.h"

namespace freshet {
namespace {

class Vetoing final : public App {
 public:
  static constexpr About kAbout{
      .id = "vetoing", .version = "1.0.0", .summary = "Refuses what it is told to refuse."};
  static Result<std::unique_ptr<Vetoing>> create(Host) { return std::make_unique<Vetoing>(); }

  AppWants wants() override {
    AppWants out;
    out.vetoes = FRESHET_VETO_JOIN | FRESHET_VETO_EDIT;
    return out;
  }
  Status before_join(const freshet_intent& who, Reply out) override {
    if (view(who.room).starts_with("closed")) return refuse(out, "This room is closed.");
    return Status::ok;
  }
  Status before_edit(const freshet_intent& what, Reply out) override {
    const std::string_view update = as_text(view(what.update));
    if (update.find("forbidden") != update.npos) return refuse(out, "Nobody says that here.");
    if (update.find("slow") != update.npos) std::this_thread::sleep_for(std::chrono::seconds(1));
    return Status::ok;
  }
};

}  // namespace
}  // namespace freshet

FRESHET_PLUGIN(freshet::Vetoing)

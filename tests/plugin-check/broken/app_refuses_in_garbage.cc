// Wants to be asked before edits, and says why not in what is no text.
#include <freshet/plugin.h>

namespace {

class Refuses final : public freshet::App {
 public:
  static constexpr freshet::About kAbout{
      .id = "app-refuses", .version = "1.0.0", .summary = "Refuses in garbage."};
  static freshet::Result<std::unique_ptr<Refuses>> create(freshet::Host) {
    return std::make_unique<Refuses>();
  }
  freshet::AppWants wants() override { return {0, 0, false, FRESHET_VETO_EDIT}; }
  freshet::Status before_edit(const freshet_intent&, freshet::Reply out) override {
    return freshet::refuse(out, "\xff");
  }
};

}  // namespace

FRESHET_PLUGIN(Refuses)

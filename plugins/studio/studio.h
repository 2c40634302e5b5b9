// studio.h: a page that looks into the server, for its operators. docs/studio.md is for those.
//
// The page itself is made in studio/ at the top of the tree, and is in this plugin as text.
#pragma once

#include <string>

#include "freshet/format/page_files.h"
#include "freshet/plugin.h"
#include "plugin_version.h"

namespace freshet::studio {

// The files of the page. Written by tools/embed_files.py.
std::span<const PageFile> page_files();

// Immutable: any number of workers use it at once.
class Studio final : public Http {
 public:
  static constexpr freshet_setting kSettings[] = {
      setting::text("route", "/studio", "Where the page is, on the admin listener."),
  };
  static constexpr About kAbout{
      .id = "studio",
      .version = kPluginVersion,
      .summary = "A page that looks into the server, on the admin listener: rooms, people, plots.",
      .settings = kSettings,
  };

  struct Options {
    std::string route;
  };
  static Options read_settings(Given given, Faults& faults);
  static Result<std::unique_ptr<Studio>> create(Host host, Options options);

  Status routes(Sink out) override { return out.write(options_.route); }
  Status answer(const freshet_request& request, Reply out) override;
  // The page alone says nothing: it asks its reader for the key.
  uint32_t listeners() const override { return FRESHET_HTTP_ON_ADMIN_OPEN; }

 private:
  explicit Studio(Options options);

  const Options options_;
  const PageFiles files_;
};

}  // namespace freshet::studio

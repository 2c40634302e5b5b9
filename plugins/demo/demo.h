// demo.h: a page on which two people write one document, so that somebody who has just started a
// server sees it work. For servers that ask nobody who they are: it has no token.
//
// The page itself is made in studio/demo/ at the top of the tree, and is in this plugin as text.
#pragma once

#include <string>
#include <vector>

#include "freshet/format/page_files.h"
#include "freshet/plugin.h"
#include "plugin_version.h"

namespace freshet::demo {

// The files of the page. Written by tools/embed_files.py.
std::span<const PageFile> page_files();

// Immutable: any number of workers use it at once.
class Demo final : public Http {
 public:
  static constexpr freshet_setting kSettings[] = {
      setting::text("route", "/demo", "Where the page is."),
      setting::text("wire", "/yjs", "Where y-websocket clients connect: route of protocol-yjs."),
  };
  static constexpr About kAbout{
      .id = "demo",
      .version = kPluginVersion,
      .summary = "A page with two editors in one document, at http://host/demo.",
      .settings = kSettings,
  };

  struct Options {
    std::string route, wire;
  };
  static Options read_settings(Given given, Faults& faults);
  static Result<std::unique_ptr<Demo>> create(Host host, Options options);

  Status routes(Sink out) override { return out.write(options_.route); }
  Status answer(const freshet_request& request, Reply out) override;

 private:
  explicit Demo(Options options);

  const Options options_;
  const std::string page_;  // with the wire in it
  const PageFiles files_;
};

}  // namespace freshet::demo

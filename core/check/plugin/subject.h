// core/check/plugin/subject.h: what is checked: a plugin's file, and what it is told.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/config/manifest.h"
#include "core/config/settings.h"
#include "core/host/plugin_file.h"
#include "core/report/problems.h"

namespace freshet::check {

struct Subject {
  std::filesystem::path file;
  WrittenTable written;  // the manifest's settings of it
  // --set, which go before those. "{place}" and "{dir}" in them are of each test.
  std::vector<std::pair<std::string, std::string>> set;
  std::string token;  // --token: one that an auth plugin takes; empty: it makes one, if it can
  std::filesystem::path engine;  // crdt-native, to compare others with; empty: there is none
  uint64_t seed = 0;
};

// Where a test's plugin keeps what it keeps: nobody else's.
struct Place {
  std::string word;  // letters, digits and '_': a schema, a name of a cluster
  std::filesystem::path folder;
  std::filesystem::path backup = {};  // what a store is to open instead
};

// What a plugin is given, in a place. Why not is in `problems`, or, if only the one who runs the
// checker can say it, in `lacking`.
struct Told {
  Settings settings;
  std::string lacking;  // "needs url: give it by --set url=..., or with -m a manifest that has it"
  bool keeps = false;   // it has a place at all: a store's content is there when it is opened again
};

// REQUIRES: `file` is the subject's.
Told tell(const Subject& subject, const PluginFile& file, const Place& place, Problems& problems);

// A value as it is written in a manifest, of the type that the setting has.
Written written_for(const freshet_setting& setting, const std::string& text);

}  // namespace freshet::check

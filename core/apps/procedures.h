// core/apps/procedures.h: the events that apps answer, by name.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "core/apps/application.h"
#include "core/host/services.h"
#include "core/report/problems.h"

namespace freshet {

class Procedures {
 public:
  // One, as its app declared it. Does not change. [any]
  class One {
   public:
    One(const Application& app, std::string name);
    ~One();
    One(const One&) = delete;
    One& operator=(const One&) = delete;

    const Application& app() const { return app_; }
    const std::string& name() const { return name_; }
    bool wants_sessions() const { return wants_sessions_; }
    bool wants_document() const { return wants_document_; }

    // Why this JSON is not what the procedure takes, in words for whoever sent it; empty: it is.
    std::string flaw_of(std::string_view input) const;

   private:
    friend class Procedures;
    struct Schema;

    const Application& app_;
    const std::string name_;
    bool wants_sessions_ = false;
    bool wants_document_ = false;
    std::unique_ptr<Schema> input_;  // null: takes any JSON
  };

  // Asks the app for its own; what is wrong with them goes to `problems`. [main]
  Status read(const Application& app, const Offered<freshet_app>& offered, Problems& problems);

  const One* find(std::string_view name) const;
  bool empty() const { return procedures_.empty(); }

 private:
  std::string add(const Application& app, std::string_view declaration);

  std::map<std::string, std::unique_ptr<One>, std::less<>> procedures_;
};

// Whether clients may be sent an event of this name: as pluv's, without those of the wire itself.
bool is_event_name(std::string_view name);

}  // namespace freshet

// freshet/format/page_files.h: a page that a plugin has in it, for its routes to answer with.
//
//   const PageFiles page("/mine", files, "mine.html", "default-src 'self'");
//   Status answer(const freshet_request& request, Reply out) override {
//     return page.answer(request, out);
//   }
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "freshet/abi/http.h"
#include "freshet/format/request.h"
#include "freshet/sink.h"

namespace freshet {

struct PageFile {
  std::string_view path;  // "mine.js": at <route>/mine.js
  std::string_view text;
};

// Immutable, so that any number of workers use it at once. The files are borrowed.
class PageFiles {
 public:
  // `first`: the path of the one that is found at <route>/. `policy`: what the page may load, as
  // Content-Security-Policy says it.
  PageFiles(std::string route, std::span<const PageFile> files, std::string_view first,
            std::string policy)
      : route_(std::move(route)), policy_(std::move(policy)) {
    for (const PageFile& file : files) {
      if (file.path == first) served_.push_back({"", file.path, file.text, tag_of(file.text)});
      served_.push_back({file.path, file.path, file.text, tag_of(file.text)});
    }
  }

  // A file, the way to the page, or why not. A client that has a file already is told that.
  Status answer(const freshet_request& request, Reply out) const {
    const RequestReader asked(request);
    if (asked.method() != "GET" && asked.method() != "HEAD") {
      FRESHET_CHECK(out.write(FRESHET_HTTP_HEADER, std::string_view("Allow: GET, HEAD")));
      return plain(405, "only GET here\n", out);
    }
    // What the page names is beside it: so its own address ends with a '/'.
    if (asked.path() == route_) {
      const std::string to = route_.substr(route_.rfind('/') + 1) + "/";
      FRESHET_CHECK(out.write(FRESHET_HTTP_HEADER, "Location: " + to));
      return plain(308, "it is at " + to + "\n", out);
    }
    const Served* file = at(asked.path());
    if (file == nullptr) return plain(404, "nothing is here\n", out);
    return send(*file, asked.header("If-None-Match").value_or(""), out);
  }

 private:
  struct Served {
    std::string_view place, path, text;
    std::string tag;
  };

  const Served* at(std::string_view path) const {
    if (!path.starts_with(route_) || path.size() == route_.size()) return nullptr;
    const std::string_view place = path.substr(route_.size() + 1);
    for (const Served& file : served_) {
      if (path[route_.size()] == '/' && file.place == place) return &file;
    }
    return nullptr;
  }

  Status send(const Served& file, std::string_view known, Reply out) const {
    const bool has_it = known == file.tag || known == "W/" + file.tag;  // as some proxies weaken it
    if (has_it) FRESHET_CHECK(out.write(FRESHET_HTTP_STATUS, uint64_t{304}));
    const std::pair<std::string_view, std::string_view> headers[] = {
        {"ETag", file.tag},
        {"Cache-Control", "no-cache"},
        {"Content-Type", type_of(file.path)},
        {"Content-Security-Policy", policy_},
        {"Referrer-Policy", "no-referrer"},
        {"X-Content-Type-Options", "nosniff"},
    };
    for (const auto& [name, value] : headers) {
      FRESHET_CHECK(out.write(FRESHET_HTTP_HEADER, std::string(name) + ": " + std::string(value)));
    }
    return has_it ? Status::ok : out.write(FRESHET_HTTP_BODY, file.text);
  }

  static Status plain(uint64_t status, std::string_view text, Reply out) {
    FRESHET_CHECK(out.write(FRESHET_HTTP_STATUS, status));
    FRESHET_CHECK(out.write(FRESHET_HTTP_HEADER,
                            std::string_view("Content-Type: text/plain; charset=utf-8")));
    return out.write(FRESHET_HTTP_BODY, text);
  }

  static std::string_view type_of(std::string_view path) {
    if (path.ends_with(".html")) return "text/html; charset=utf-8";
    if (path.ends_with(".js")) return "text/javascript; charset=utf-8";
    if (path.ends_with(".css")) return "text/css; charset=utf-8";
    if (path.ends_with(".svg")) return "image/svg+xml";
    return "application/octet-stream";
  }

  // FNV-1a (Fowler, Noll, Vo): tells builds apart, and nobody's secret depends on it.
  static std::string tag_of(std::string_view text) {
    uint64_t hash = 0xcbf29ce484222325;
    for (const char c : text) hash = (hash ^ static_cast<uint8_t>(c)) * 0x100000001b3;
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string out = "\"";
    for (int shift = 60; shift >= 0; shift -= 4) out += kDigits[(hash >> shift) & 15];
    return out + "\"";
  }

  std::string route_;
  std::string policy_;
  std::vector<Served> served_;
};

}  // namespace freshet

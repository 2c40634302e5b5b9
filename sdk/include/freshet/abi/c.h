/* freshet/abi/c.h: what a plugin in plain C says often. C11, and nothing to link: small functions
 * around freshet/abi.h. A plugin in C++ includes freshet/plugin.h instead. */
#ifndef FRESHET_C_H
#define FRESHET_C_H

#include <stdint.h>
#include <string.h>

#include "freshet/abi.h"

/* ---- words ----------------------------------------------------------------------------------- */

static inline freshet_str freshet_text(const char* text) {
  const freshet_str out = {text, strlen(text)};
  return out;
}
static inline freshet_bytes freshet_bytes_of(freshet_str text) {
  const freshet_bytes out = {(const uint8_t*)text.data, text.size};
  return out;
}
static inline int freshet_equal(freshet_str a, freshet_str b) {
  return a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}
static inline int freshet_is(freshet_str a, const char* b) {
  return freshet_equal(a, freshet_text(b));
}

/* ---- answers --------------------------------------------------------------------------------- */

/* One item of a slow answer. Whatever is not FRESHET_OK is what the call is to end with. */
static inline freshet_status freshet_write(freshet_reply reply, uint32_t kind, uint64_t number,
                                           freshet_bytes bytes) {
  const freshet_item item = {kind, number, bytes};
  return reply.to->write(reply.to->ctx, reply.token, &item);
}
static inline freshet_status freshet_write_text(freshet_reply reply, uint32_t kind,
                                                freshet_str text) {
  return freshet_write(reply, kind, 0, freshet_bytes_of(text));
}
static inline freshet_status freshet_write_number(freshet_reply reply, uint32_t kind,
                                                  uint64_t number) {
  const freshet_bytes none = {NULL, 0};
  return freshet_write(reply, kind, number, none);
}
/* Once for each slow call. */
static inline void freshet_done(freshet_reply reply, freshet_status status) {
  reply.to->done(reply.to->ctx, reply.token, status);
}
/* Of what an app was asked about: no, in words for who is refused. */
static inline void freshet_refuse(freshet_reply reply, const char* reason) {
  const freshet_status status = freshet_write_text(reply, FRESHET_APP_REASON, freshet_text(reason));
  freshet_done(reply, status == FRESHET_OK ? FRESHET_DENIED : status);
}
static inline freshet_status freshet_put(const freshet_sink* out, freshet_str item) {
  return out->write(out->ctx, freshet_bytes_of(item));
}

/* ---- the host -------------------------------------------------------------------------------- */

static inline void freshet_log(const freshet_host* host, freshet_level level, const char* message) {
  host->log(host->ctx, level, freshet_text(message));
}
/* Of a declared setting: 1, or 0 if neither the manifest nor the schema has a value. [main] */
static inline int freshet_read(const freshet_host* host, const char* key, freshet_value* out) {
  memset(out, 0, sizeof(*out));
  out->size = (uint32_t)sizeof(*out);
  return host->setting(host->ctx, key, out) == FRESHET_OK;
}
/* The same, with 0 or {NULL, 0} for none. What it points to lives as long as the plugin. */
static inline int64_t freshet_number_of(const freshet_host* host, const char* key) {
  freshet_value value;
  return freshet_read(host, key, &value) ? value.number : 0;
}
static inline freshet_str freshet_text_of(const freshet_host* host, const char* key) {
  const freshet_str none = {NULL, 0};
  freshet_value value;
  return freshet_read(host, key, &value) ? value.text : none;
}
static inline void freshet_fault(const freshet_faults* faults, const char* key,
                                 const char* reason) {
  faults->add(faults->ctx, freshet_text(key), freshet_text(reason));
}

/* ---- requests -------------------------------------------------------------------------------- */

static inline char freshet_lower(char c) { return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c; }

/* Whether `text` begins with `word`, in whatever case. */
static inline int freshet_begins(freshet_str text, const char* word) {
  const size_t size = strlen(word);
  if (text.size < size) return 0;
  for (size_t i = 0; i < size; ++i) {
    if (freshet_lower(text.data[i]) != freshet_lower(word[i])) return 0;
  }
  return 1;
}

/* Of the first header of this name, whatever its case; {NULL, 0}: there is none. */
static inline freshet_str freshet_header_of(const freshet_request* request, const char* name) {
  const freshet_str none = {NULL, 0};
  for (size_t i = 0; i < request->header_count; ++i) {
    const freshet_header* header = &request->headers[i];
    if (header->name.size == strlen(name) && freshet_begins(header->name, name)) {
      return header->value;
    }
  }
  return none;
}

/* Of "Authorization: Bearer <token>"; {NULL, 0}: there is none. */
static inline freshet_str freshet_bearer_of(const freshet_request* request) {
  freshet_str value = freshet_header_of(request, "Authorization");
  const freshet_str none = {NULL, 0};
  if (!freshet_begins(value, "Bearer ")) return none;
  for (value.data += 7, value.size -= 7; value.size > 0 && *value.data == ' '; --value.size) {
    ++value.data;
  }
  return value;
}

static inline int freshet_hex(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  return freshet_lower(c) >= 'a' && freshet_lower(c) <= 'f' ? freshet_lower(c) - 'a' + 10 : -1;
}

/* "%20" to " ". The length, of at most `size` bytes that are written; -1: it is longer. */
static inline int freshet_percent_decode(freshet_str text, char* out, size_t size) {
  size_t length = 0;
  for (size_t i = 0; i < text.size; ++i) {
    char c = text.data[i];
    if (c == '%' && i + 2 < text.size && freshet_hex(text.data[i + 1]) >= 0 &&
        freshet_hex(text.data[i + 2]) >= 0) {
      c = (char)(freshet_hex(text.data[i + 1]) * 16 + freshet_hex(text.data[i + 2]));
      i += 2;
    }
    if (length == size) return -1;
    out[length++] = c;
  }
  return (int)length;
}

/* The path of a request, as sent: what is before its query. */
static inline freshet_str freshet_path_of(const freshet_request* request) {
  freshet_str path = request->target;
  for (size_t i = 0; i < path.size; ++i) {
    if (path.data[i] == '?' || path.data[i] == '#') path.size = i;
  }
  return path;
}

/* The first value of this name in the query, decoded: its length, as freshet_percent_decode says.
 * -2: there is none. */
static inline int freshet_query_of(const freshet_request* request, const char* name, char* out,
                                   size_t size) {
  const size_t name_size = strlen(name);
  size_t at = freshet_path_of(request).size, end = request->target.size;
  const char* const text = request->target.data;
  for (size_t i = at; i < end; ++i) {
    if (text[i] == '#') end = i;
  }
  while (at < end) {
    size_t stop = ++at;  // behind the '?' or '&'
    while (stop < end && text[stop] != '&') ++stop;
    const int same = stop - at >= name_size && memcmp(text + at, name, name_size) == 0;
    if (same && (stop - at == name_size || text[at + name_size] == '=')) {
      const size_t from = stop - at == name_size ? stop : at + name_size + 1;
      const freshet_str value = {text + from, stop - from};
      return freshet_percent_decode(value, out, size);
    }
    at = stop;
  }
  return -2;
}

/* Whether somebody brought the right one, in a time that does not tell where they differ. */
static inline int freshet_same_secret(freshet_str a, freshet_str b) {
  volatile unsigned char difference = 0;
  if (a.size != b.size) return 0;
  for (size_t i = 0; i < a.size; ++i)
    difference = difference | (unsigned char)(a.data[i] ^ b.data[i]);
  return difference == 0;
}

/* ---- JSON ------------------------------------------------------------------------------------ */

/* `text`, which is UTF-8, as a string of JSON, quotes included. Its length, of at most `size` bytes
 * that are written; 0: it is longer. */
static inline size_t freshet_json_string(freshet_str text, char* out, size_t size) {
  static const char kDigits[] = "0123456789abcdef";
  size_t length = 0;
  if (size < 2) return 0;
  out[length++] = '"';
  for (size_t i = 0; i < text.size; ++i) {
    const unsigned char c = (unsigned char)text.data[i];
    const int escaped = c == '"' || c == '\\';
    if (length + 8 > size) return 0;
    if (c < 0x20) {
      memcpy(out + length, "\\u00", 4);
      out[length + 4] = kDigits[c >> 4];
      out[length + 5] = kDigits[c & 15];
      length += 6;
    } else {
      if (escaped) out[length++] = '\\';
      out[length++] = (char)c;
    }
  }
  out[length++] = '"';
  return length;
}

/* Whether it is UTF-8 as RFC 3629 has it. */
static inline int freshet_is_utf8(freshet_str text) {
  for (size_t i = 0; i < text.size;) {
    const unsigned char c = (unsigned char)text.data[i];
    const size_t more = c < 0x80 ? 0 : c >= 0xc2 && c < 0xe0 ? 1 : c >= 0xe0 && c < 0xf0 ? 2 : 3;
    if (c >= 0x80 && (c < 0xc2 || c > 0xf4)) return 0;
    if (more >= text.size - i) return 0;
    for (size_t k = 1; k <= more; ++k) {
      if (((unsigned char)text.data[i + k] & 0xc0) != 0x80) return 0;
    }
    if (more > 0) {
      const unsigned char next = (unsigned char)text.data[i + 1];
      if (c == 0xe0 && next < 0xa0) return 0; /* overlong */
      if (c == 0xed && next > 0x9f) return 0; /* surrogates */
      if (c == 0xf0 && next < 0x90) return 0; /* overlong */
      if (c == 0xf4 && next > 0x8f) return 0; /* past the last */
    }
    i += more + 1;
  }
  return 1;
}

#endif /* FRESHET_C_H */

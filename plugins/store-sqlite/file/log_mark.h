// plugins/store-sqlite/file/log_mark.h: which write-ahead log belongs to a file.
//
// SQLite replays any whole log that lies beside a file, also into a backup that was put in the
// place of the file the log was written for. So the file has a mark: random bytes, drawn anew in
// the first transaction after all of the log was folded into the file, with the mark before it kept
// beside.
//
//   in the log          mark M2, before M1
//   in the file alone   M1, or M2 once that page was folded in; of another file: neither
//
// The log is read as bytes: its pages are at other places than those of another file.
//
// A copy by `backup` has a mark of its own, and each opening draws one that is folded in at once,
// so that a copy of the file from before it is another file, too. The mark is only drawn when the
// file alone has the one before, whatever a crash leaves: a log that does belong is never taken for
// one that does not.
#pragma once

#include <string>

#include "store-sqlite/database/database.h"

namespace freshet::sqlite {

// One row, at the end of a page of its own: within one sector of a torn write to the file. It
// begins with "frsh", unlike what a page held that a crash left there.
inline constexpr const char* kDrawMark =
    "UPDATE log_mark SET before = mark, mark = CAST(x'66727368' || randomblob(16) AS BLOB)";

// Folds the log into the file. `all`: nothing is left in it, and the file is on the disk.
int fold_log(Database& db, bool& all);

// Draws a mark of its own and folds it in. False, as when the disk is full: the file keeps the old
// one, and a log that follows cannot be told from the one before.
bool begin_log(Database& db);

// False: the log that `db` has open is known to be another file's. Reads only.
bool log_belongs(const Database& db, const char* vfs);

// The file alone, without its log, is a whole database. Reads only.
bool whole_without_log(const Database& db, const char* vfs);

// There is a log with something in it beside the file.
bool has_log(const std::string& path);

}  // namespace freshet::sqlite

#include "power_disk.h"

#include <algorithm>
#include <cstddef>
#include <cstring>

namespace freshet::sqlite {

struct PowerDisk::File {
  sqlite3_file base;
  PowerDisk* disk;
  size_t inode;
  bool sync_names;  // its first sync is one of its directory, too, as SQLite's unix VFS does it
};

namespace {

template <class T>
T& at(sqlite3_file* file) {
  return *reinterpret_cast<T*>(file);
}

}  // namespace

int PowerDisk::change() {
  ++calls_;
  if (calls_ >= cut_at_) power_ = false;
  if (!power_) return SQLITE_IOERR;
  return calls_ >= fail_from_ && calls_ < fail_until_ ? fail_code_ : SQLITE_OK;
}

void PowerDisk::apply(std::string& content, const Change& change) {
  if (change.kind == Change::Kind::truncate) {
    content.resize(change.at);
    return;
  }
  content.resize(std::max(content.size(), size_t{change.at} + change.bytes.size()));
  std::copy(change.bytes.begin(), change.bytes.end(),
            content.begin() + static_cast<std::ptrdiff_t>(change.at));
}

uint64_t PowerDisk::used() const {
  uint64_t sum = 0;
  for (const auto& [name, inode] : names_) sum += inodes_[inode].live.size();
  return sum;
}

bool PowerDisk::is_bad(size_t inode) const {
  if (bad_code_ == SQLITE_OK) return false;
  return std::any_of(names_.begin(), names_.end(), [&](const auto& entry) {
    return entry.second == inode && entry.first.ends_with(bad_ending_);
  });
}

// ---- after a cut

std::string PowerDisk::survivor(const Inode& inode, std::mt19937_64& random) {
  std::string content = inode.synced;
  // How much of what was not synced gets through: nothing, everything, whole writes, or sectors.
  const uint64_t mood = random() % 4;
  for (const Change& change : inode.pending) {
    if (mood == 0) break;
    if (mood != 1 && change.kind == Change::Kind::truncate && random() % 2 == 0) continue;
    if (mood == 1 || change.kind == Change::Kind::truncate) {
      apply(content, change);
    } else if (mood == 2) {
      if (random() % 2 == 0) apply(content, change);
    } else {
      for (size_t from = 0; from < change.bytes.size();) {
        const size_t to_boundary = kSectorBytes - (change.at + from) % kSectorBytes;
        const size_t size = std::min(to_boundary, change.bytes.size() - from);
        if (random() % 2 == 0) {
          apply(content, {Change::Kind::write, change.at + from, change.bytes.substr(from, size)});
        }
        from += size;
      }
    }
  }
  return content;
}

void PowerDisk::restore(std::mt19937_64& random) {
  Names left;
  for (const Names* from : {&names_, &synced_names_}) {
    for (const auto& [name, inode] : *from) {
      const Names& other = from == &names_ ? synced_names_ : names_;
      const auto there = other.find(name);
      const bool sure = there != other.end() && there->second == inode;
      if (sure || (!left.contains(name) && random() % 2 == 0)) left[name] = inode;
    }
  }
  std::vector<Inode> inodes;
  for (auto& [name, inode] : left) {
    const std::string content = survivor(inodes_[inode], random);
    inodes.push_back({content, content, {}});
    inode = inodes.size() - 1;
  }
  inodes_ = std::move(inodes);
  names_ = synced_names_ = left;
  power_ = true;
  cut_at_ = UINT64_MAX;
}

// ---- what SQLite calls

struct PowerDisk::Calls {
  static PowerDisk& of(sqlite3_vfs* vfs) { return *static_cast<PowerDisk*>(vfs->pAppData); }
  static Inode& inode(sqlite3_file* file) {
    return at<File>(file).disk->inodes_[at<File>(file).inode];
  }

  static int close(sqlite3_file*) { return SQLITE_OK; }

  static int read(sqlite3_file* file, void* to, int count, sqlite3_int64 from) {
    if (!at<File>(file).disk->power_) return SQLITE_IOERR_READ;
    if (const int code = at<File>(file).disk->read_code_; code != SQLITE_OK) return code;
    const std::string& live = inode(file).live;
    const auto want = static_cast<size_t>(count);
    const auto begin = std::min(static_cast<size_t>(from), live.size());
    const size_t have = std::min(want, live.size() - begin);
    if (have > 0) std::memcpy(to, live.data() + begin, have);
    if (have == want) return SQLITE_OK;
    std::memset(static_cast<char*>(to) + have, 0, want - have);
    return SQLITE_IOERR_SHORT_READ;
  }

  static int write(sqlite3_file* file, const void* from, int count, sqlite3_int64 offset) {
    PowerDisk& disk = *at<File>(file).disk;
    Inode& node = inode(file);
    Change made{Change::Kind::write,
                static_cast<uint64_t>(offset),
                {static_cast<const char*>(from), static_cast<size_t>(count)}};
    const bool had_power = disk.power_;
    const int code = disk.change();
    // The write that is cut may have got through in part.
    if (code != SQLITE_OK) {
      if (had_power && !disk.power_) node.pending.push_back(std::move(made));
      return code == SQLITE_IOERR ? SQLITE_IOERR_WRITE : code;
    }
    if (disk.is_bad(at<File>(file).inode)) return disk.bad_code_;
    const uint64_t end = made.at + made.bytes.size();
    const uint64_t more = end > node.live.size() ? end - node.live.size() : 0;
    if (more > 0 && disk.used() + more > disk.capacity_) return SQLITE_FULL;
    apply(node.live, made);
    node.pending.push_back(std::move(made));
    return SQLITE_OK;
  }

  static int truncate(sqlite3_file* file, sqlite3_int64 size) {
    if (const int code = at<File>(file).disk->change(); code != SQLITE_OK) return code;
    Inode& node = inode(file);
    if (static_cast<size_t>(size) >= node.live.size()) return SQLITE_OK;
    node.live.resize(static_cast<size_t>(size));
    node.pending.push_back({Change::Kind::truncate, static_cast<uint64_t>(size), {}});
    return SQLITE_OK;
  }

  static int sync(sqlite3_file* file, int) {
    PowerDisk& disk = *at<File>(file).disk;
    if (const int code = disk.change(); code != SQLITE_OK) {
      return code == SQLITE_IOERR ? SQLITE_IOERR_FSYNC : code;
    }
    if (disk.ignore_syncs_) return SQLITE_OK;
    Inode& node = inode(file);
    node.synced = node.live;
    node.pending.clear();
    if (at<File>(file).sync_names) disk.sync_directory();
    at<File>(file).sync_names = false;
    return SQLITE_OK;
  }

  static int file_size(sqlite3_file* file, sqlite3_int64* size) {
    *size = static_cast<sqlite3_int64>(inode(file).live.size());
    return SQLITE_OK;
  }

  // One process, one connection: nobody to lock out, but for who a test says there is.
  static int lock(sqlite3_file* file, int) { return at<File>(file).disk->lock_code_; }
  static int unlock(sqlite3_file*, int) { return SQLITE_OK; }
  static int check_reserved(sqlite3_file*, int* held) { return *held = 0, SQLITE_OK; }
  static int control(sqlite3_file*, int, void*) { return SQLITE_NOTFOUND; }
  static int sector_size(sqlite3_file*) { return kSectorBytes; }
  static int characteristics(sqlite3_file*) { return SQLITE_IOCAP_POWERSAFE_OVERWRITE; }

  static int open(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* out) {
    static constexpr sqlite3_io_methods kMethods = {
        1,       close,          read,    write,       truncate,        sync,    file_size, lock,
        unlock,  check_reserved, control, sector_size, characteristics, nullptr, nullptr,   nullptr,
        nullptr, nullptr,        nullptr};
    PowerDisk& disk = of(vfs);
    file->pMethods = nullptr;
    if (!disk.power_) return SQLITE_IOERR;
    if (disk.shut_code_ != SQLITE_OK && name != nullptr &&
        std::string_view(name).ends_with(disk.shut_ending_)) {
      return disk.shut_code_;
    }
    size_t found = disk.inodes_.size();
    bool is_new = true;
    if (name != nullptr) {
      const auto it = disk.names_.find(name);
      is_new = it == disk.names_.end();
      if (!is_new) found = it->second;
    }
    if (is_new) {
      if ((flags & SQLITE_OPEN_CREATE) == 0) return SQLITE_CANTOPEN;
      if (const int code = disk.change(); code != SQLITE_OK) return code;
      disk.inodes_.emplace_back();
      if (name != nullptr) disk.names_[name] = found;
    }
    const bool journal = (flags & (SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_WAL)) != 0;
    at<File>(file) = {{&kMethods}, &disk, found, is_new && journal};
    if (out != nullptr) *out = flags;
    return SQLITE_OK;
  }

  static int remove(sqlite3_vfs* vfs, const char* name, int sync_directory) {
    PowerDisk& disk = of(vfs);
    if (!disk.names_.contains(name)) return SQLITE_IOERR_DELETE_NOENT;
    if (const int code = disk.change(); code != SQLITE_OK) return code;
    disk.names_.erase(name);
    if (sync_directory != 0 && !disk.ignore_syncs_) disk.sync_directory();
    return SQLITE_OK;
  }

  static int access(sqlite3_vfs* vfs, const char* name, int, int* answer) {
    *answer = of(vfs).names_.contains(name) ? 1 : 0;
    return SQLITE_OK;
  }

  // No system is behind this disk: an errno of somebody else says nothing about it.
  static int last_error(sqlite3_vfs*, int, char*) { return 0; }

  static int full_name(sqlite3_vfs*, const char* name, int size, char* out) {
    sqlite3_snprintf(size, out, "%s", name);
    return SQLITE_OK;
  }
};

PowerDisk::PowerDisk() : name_("power-disk-" + std::to_string(reinterpret_cast<uintptr_t>(this))) {
  // Time and randomness are the system's.
  vfs_ = *sqlite3_vfs_find(nullptr);
  vfs_.iVersion = 1;
  vfs_.szOsFile = sizeof(File);
  vfs_.pNext = nullptr;
  vfs_.zName = name_.c_str();
  vfs_.pAppData = this;
  vfs_.xOpen = Calls::open;
  vfs_.xDelete = Calls::remove;
  vfs_.xAccess = Calls::access;
  vfs_.xFullPathname = Calls::full_name;
  vfs_.xGetLastError = Calls::last_error;
  sqlite3_vfs_register(&vfs_, 0);
}

PowerDisk::~PowerDisk() { sqlite3_vfs_unregister(&vfs_); }

}  // namespace freshet::sqlite

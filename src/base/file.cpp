#include "base/file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <map>
#include <mutex>

namespace monolite {
namespace {

struct Descriptor {
  int fd;
  ~Descriptor() {
    if (fd >= 0) ::close(fd);
  }
};

// Where files are mapped now: first byte and the one behind the last.
class Mappings {
 public:
  void add(uintptr_t first, uintptr_t last) {
    const std::lock_guard lock(mutex_);
    all_[first] = last;
  }
  void remove(uintptr_t first) {
    const std::lock_guard lock(mutex_);
    all_.erase(first);
  }
  // While f runs nothing in [first, last) is unmapped, if it is a part of a mapping; else f does not run.
  template <class F>
  void with(uintptr_t first, uintptr_t last, const F& f) {
    const std::lock_guard lock(mutex_);
    auto it = all_.upper_bound(first);
    if (it != all_.begin() && last <= (--it)->second) f();
  }
  static Mappings& of_process() {
    static Mappings* mappings = new Mappings;  // outlives whoever unmaps at exit
    return *mappings;
  }

 private:
  std::mutex mutex_;
  std::map<uintptr_t, uintptr_t> all_;
};

struct Mapping {
  void* address;
  size_t size_bytes;
  ~Mapping() {
    Mappings::of_process().remove(reinterpret_cast<uintptr_t>(address));
    ::munmap(address, size_bytes);
  }
};

Error cannot_write(const std::string& path, const char* what) {
  return input_error(path, std::string(what) + ": " + std::strerror(errno), "a place where a file can be written",
                     "check that the folder exists, that you may write there, and that the disk has room");
}

// Follows what `path` names, so that writing over a link changes the file and keeps the link.
std::string resolved(const std::string& path) {
  std::error_code ignored;
  if (!std::filesystem::is_symlink(path, ignored)) return path;
  const auto target = std::filesystem::weakly_canonical(path, ignored);
  return ignored ? path : target.string();
}

Expected<void> write_all(int fd, std::span<const std::byte> bytes, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return Unexpected(cannot_write(path, "writing failed"));
    bytes = bytes.subspan(static_cast<size_t>(n));
  }
  return {};
}

}  // namespace

Expected<Buffer> map_file(const std::string& path) {
  const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (file.fd < 0) {
    return Unexpected(input_error(path, std::strerror(errno), "a file that can be read", "check the path"));
  }
  struct stat info;
  if (::fstat(file.fd, &info) != 0) return Unexpected(input_error(path, std::strerror(errno), "a file", {}));
  if (S_ISDIR(info.st_mode)) {
    return Unexpected(input_error(path, "a directory", "a file", "name a file inside of it"));
  }
  if (!S_ISREG(info.st_mode)) {
    return Unexpected(input_error(path, "not a regular file", "a regular file: it is mapped into memory",
                                  "save what it yields to a file first"));
  }
  if (info.st_size == 0) return Buffer();
  const auto size = static_cast<size_t>(info.st_size);
  void* address = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.fd, 0);
  if (address == MAP_FAILED)
    return Unexpected(input_error(path, std::strerror(errno), "a file that can be mapped", {}));
  auto owner = std::make_shared<Mapping>(Mapping{nullptr, 0});
  owner->address = address;
  owner->size_bytes = size;
  const auto first = reinterpret_cast<uintptr_t>(address);
  Mappings::of_process().add(first, first + size);
  return Buffer(std::move(owner), {static_cast<const std::byte*>(address), size});
}

void release_pages(std::span<const std::byte> bytes) {
  static const auto page = static_cast<uintptr_t>(::sysconf(_SC_PAGESIZE));
  const auto first = reinterpret_cast<uintptr_t>(bytes.data()), last = first + bytes.size();
  const uintptr_t first_page = (first + page - 1) / page * page, last_page = last / page * page;
  if (first_page >= last_page) return;
  Mappings::of_process().with(first, last, [&] {
    // A private mapping that nobody may write to: its pages are the file's.
    ::madvise(reinterpret_cast<void*>(first_page), last_page - first_page, MADV_DONTNEED);
  });
}

Expected<void> write_file(const std::string& path, std::span<const std::byte> bytes) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) {
    return Unexpected(input_error(path, "a directory", "the name of a file to write", "add a file name behind it"));
  }
  // /dev/stdout and the like cannot be renamed over.
  if (std::filesystem::exists(path, ignored) && !std::filesystem::is_regular_file(path, ignored)) {
    const Descriptor device{::open(path.c_str(), O_WRONLY | O_CLOEXEC)};
    if (device.fd < 0) return Unexpected(cannot_write(path, "cannot open it"));
    return write_all(device.fd, bytes, path);
  }
  const std::string target = resolved(path);
  std::string beside = target + ".XXXXXX";
  const Descriptor file{::mkostemp(beside.data(), O_CLOEXEC)};
  if (file.fd < 0) return Unexpected(cannot_write(path, "cannot make a file there"));
  const auto fail = [&](Error e) {
    ::unlink(beside.c_str());
    return Unexpected(std::move(e));
  };
  if (auto written = write_all(file.fd, bytes, path); !written) return fail(std::move(written).error());
  struct stat old;
  mode_t mode = 0666;
  if (::stat(target.c_str(), &old) == 0) {
    mode = old.st_mode & 0777;
  } else {
    const mode_t mask = ::umask(0);
    ::umask(mask);
    mode &= ~mask;
  }
  if (::fchmod(file.fd, mode) != 0 || ::fsync(file.fd) != 0) return fail(cannot_write(path, "cannot finish the file"));
  if (::rename(beside.c_str(), target.c_str()) != 0) return fail(cannot_write(path, "cannot put the file in place"));
  return {};
}

Expected<void> write_file(const std::string& path, const std::string& text) {
  return write_file(path, std::as_bytes(std::span(text.data(), text.size())));
}

Expected<void> make_folder(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error || !std::filesystem::is_directory(path, error)) {
    return Unexpected(input_error(path, "cannot make this folder: " + error.message(), "a folder that can be made",
                                  "check that no file of that name is in the way and that you may write there"));
  }
  return {};
}

}  // namespace monolite

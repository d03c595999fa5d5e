#include "runtime/weight_cache.h"

#include <fmt/format.h>

#include <cstring>
#include <filesystem>

#include "base/file.h"
#include "base/program.h"

namespace monolite::runtime {
namespace {

constexpr char kMagic[16] = {'m', 'o', 'n', 'o', 'l', 'i', 't', 'e', ' ', 'w', 'e', 'i', 'g', 'h', 't', 's'};
constexpr size_t kBlock = 64;  // where everything in the file begins

// What the file begins with, then `entries` entries, then what they name.
struct Head {
  char magic[16];
  FastHash key;
  FastHash contents;  // of all that follows the head
  uint64_t entries;
  uint64_t reserved;
};
static_assert(sizeof(Head) == kBlock);

struct Entry {
  uint64_t node, offset, size;
};

size_t padded(size_t size) { return (size + kBlock - 1) / kBlock * kBlock; }

template <class T>
T at(std::span<const std::byte> bytes, size_t offset) {
  T value;
  std::memcpy(&value, bytes.data() + offset, sizeof(T));
  return value;
}

}  // namespace

FastHash WeightCache::key_of(std::span<const std::byte> model, size_t graph, Isa isa) {
  constexpr uint64_t kFormat = 1;
  return fast_hash(model, fast_hash(build_id(), {kFormat << 32 | static_cast<uint64_t>(isa), graph}));
}

Expected<std::shared_ptr<WeightCache>> WeightCache::open(std::string path, FastHash key) {
  std::shared_ptr<WeightCache> cache(new WeightCache(std::move(path), key));
  std::error_code ignored;
  if (!std::filesystem::exists(cache->path_, ignored)) return cache;
  ML_ASSIGN(Buffer file, map_file(cache->path_));
  if (file.empty()) return cache;
  if (file.size_bytes() < sizeof(kMagic) || std::memcmp(file.data(), kMagic, sizeof(kMagic)) != 0) {
    return Unexpected(input_error(cache->path_, "a file that is no cache of packed weights",
                                  "one that monolite wrote, or none yet",
                                  "name another file, or delete this one: it is not written over"));
  }
  if (!cache->read(std::move(file))) cache->reject();
  return cache;
}

bool WeightCache::read(Buffer file) {
  const auto bytes = file.bytes();
  if (bytes.size() < sizeof(Head)) return false;
  const auto head = at<Head>(bytes, 0);
  if (head.key != key_ || head.contents != fast_hash(bytes.subspan(sizeof(Head)))) return false;
  if (head.entries > (bytes.size() - sizeof(Head)) / sizeof(Entry)) return false;
  for (size_t i = 0; i < head.entries; ++i) {
    const auto entry = at<Entry>(bytes, sizeof(Head) + i * sizeof(Entry));
    if (entry.offset % kBlock != 0 || entry.offset > bytes.size() || entry.size > bytes.size() - entry.offset)
      return false;
    found_[entry.node] = bytes.subspan(entry.offset, entry.size);
  }
  file_ = std::move(file);
  return true;
}

std::span<const std::byte> WeightCache::find(size_t node) const {
  const auto it = found_.find(node);
  return it == found_.end() ? std::span<const std::byte>() : it->second;
}

void WeightCache::reject() {
  is_rejected_ = true;
  found_.clear();
}

void WeightCache::add(size_t node, std::vector<std::byte> bytes) { added_[node] = std::move(bytes); }

Expected<void> WeightCache::write() const {
  if (added_.empty()) return {};
  std::vector<Entry> entries;
  size_t end = padded(sizeof(Head) + (found_.size() + added_.size()) * sizeof(Entry));
  const auto place = [&](size_t node, size_t size) {
    entries.push_back({node, end, size});
    end += padded(size);
  };
  std::map<size_t, std::span<const std::byte>> all = found_;
  for (const auto& [node, bytes] : added_) all[node] = bytes;
  for (const auto& [node, bytes] : all) place(node, bytes.size());
  std::vector<std::byte> file(end);
  Head head{};
  std::memcpy(head.magic, kMagic, sizeof(kMagic));
  head.key = key_;
  head.entries = entries.size();
  std::memcpy(file.data(), &head, sizeof(head));
  std::memcpy(file.data() + sizeof(Head), entries.data(), entries.size() * sizeof(Entry));
  for (const Entry& e : entries) std::memcpy(file.data() + e.offset, all[e.node].data(), e.size);
  seal(file);
  return write_file(path_, file);
}

void WeightCache::seal(std::vector<std::byte>& file) {
  if (file.size() < sizeof(Head)) return;
  auto head = at<Head>(file, 0);
  head.contents = fast_hash(std::span<const std::byte>(file).subspan(sizeof(Head)));
  std::memcpy(file.data(), &head, sizeof(head));
}

}  // namespace monolite::runtime

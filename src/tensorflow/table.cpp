#include "tensorflow/table.h"

#include <snappy.h>

#include "tensorflow/crc32c.h"
#include "tensorflow/wire.h"

namespace monolite::tensorflow {
namespace {

constexpr uint64_t kMagic = 0xdb4775248b80fb57u;
constexpr size_t kFooterBytes = 48;
constexpr size_t kHandleRoom = 40;   // two handles, padded
constexpr size_t kTrailerBytes = 5;  // how a block is stored, and its checksum
constexpr uint8_t kPlain = 0, kSnappy = 1;
constexpr size_t kMostKeyBytes = 64 << 10;
constexpr size_t kMostBytes = size_t{256} << 20;
constexpr size_t kBlockBytes = 256 << 10;  // what the writer aims at
constexpr int kRestartInterval = 16;

struct Handle {
  uint64_t offset = 0, size = 0;
};

std::optional<Handle> read_handle(WireReader& from) {
  const auto offset = from.varint();
  const auto size = from.varint();
  if (!offset || !size) return {};
  return Handle{*offset, *size};
}

class TableReader {
 public:
  TableReader(const Buffer& bytes, const std::string& name) : file_(bytes.bytes()), name_(name) {}

  Expected<TableEntries> read() {
    ML_ASSIGN(const Handle index, footer());
    ML_ASSIGN(const std::string index_block, block(index));
    TableEntries handles;
    ML_TRY(entries(index_block, handles));
    TableEntries all;
    uint64_t expected_offset = 0;
    for (const auto& [last_key, value] : handles) {
      WireReader from(std::as_bytes(std::span(value)));
      const auto handle = read_handle(from);
      // Blocks stand one behind the other. Insisting on it bounds the work by the file's size.
      if (!handle || handle->offset < expected_offset) return Unexpected(damaged("a block handle that points back"));
      ML_ASSIGN(const std::string data, block(*handle));
      expected_offset = handle->offset + handle->size;
      ML_TRY(entries(data, all));
    }
    return all;
  }

 private:
  Error damaged(const std::string& found) const {
    return input_error(name_, found, "the index of a checkpoint, version 2",
                       "the file is damaged; copy it again from where it was made");
  }

  Expected<Handle> footer() const {
    if (file_.size() < kFooterBytes) return Unexpected(damaged(std::to_string(file_.size()) + " bytes"));
    const auto footer = file_.last(kFooterBytes);
    uint64_t magic = 0;
    std::memcpy(&magic, footer.data() + kHandleRoom, sizeof magic);
    if (magic != kMagic) return Unexpected(damaged("no table's magic number at its end"));
    WireReader from(footer.first(kHandleRoom));
    if (!read_handle(from)) return Unexpected(damaged("a broken footer"));
    const auto index = read_handle(from);
    if (!index) return Unexpected(damaged("a broken footer"));
    return *index;
  }

  Expected<std::string> block(Handle h) {
    if (h.offset > file_.size() || h.size > file_.size() - h.offset ||
        file_.size() - h.offset - h.size < kTrailerBytes) {
      return Unexpected(damaged("a block that reaches past the end"));
    }
    const auto stored = file_.subspan(static_cast<size_t>(h.offset), static_cast<size_t>(h.size) + kTrailerBytes);
    const auto covered = stored.first(stored.size() - sizeof(uint32_t));
    uint32_t expected = 0;
    std::memcpy(&expected, stored.data() + covered.size(), sizeof expected);
    if (mask_crc(crc32c(covered)) != expected) return Unexpected(damaged("a block whose checksum is wrong"));
    const auto content = stored.first(static_cast<size_t>(h.size));
    switch (static_cast<uint8_t>(covered.back())) {
      case kPlain:
        return as_string(content);
      case kSnappy:
        return uncompress(content);
      default:
        return Unexpected(damaged("a block stored in an unknown way"));
    }
  }

  Expected<std::string> uncompress(std::span<const std::byte> content) {
    const auto* chars = reinterpret_cast<const char*>(content.data());
    size_t size = 0;
    std::string plain;
    if (!snappy::GetUncompressedLength(chars, content.size(), &size) || size > kMostBytes ||
        !snappy::Uncompress(chars, content.size(), &plain)) {
      return Unexpected(damaged("a block that does not uncompress"));
    }
    return plain;
  }

  // Entries, then the offsets of restart points and their number, which only searching needs.
  Expected<void> entries(const std::string& block, TableEntries& into) {
    const auto bytes = std::as_bytes(std::span(block));
    uint32_t restarts = 0;
    if (bytes.size() < sizeof restarts) return Unexpected(damaged("an empty block"));
    std::memcpy(&restarts, bytes.data() + bytes.size() - sizeof restarts, sizeof restarts);
    const uint64_t tail = (uint64_t{restarts} + 1) * sizeof restarts;
    if (tail > bytes.size()) return Unexpected(damaged("a block with a broken end"));
    WireReader from(bytes.first(bytes.size() - static_cast<size_t>(tail)));
    std::string key;
    bool is_first = into.empty();
    while (!from.empty()) {
      const auto shared = from.varint();
      const auto fresh = from.varint();
      const auto value_size = from.varint();
      const auto suffix = from.take(fresh.value_or(0));
      const auto value = from.take(value_size.value_or(0));
      if (!shared || !fresh || !value_size || !suffix || !value || *shared > key.size()) {
        return Unexpected(damaged("a broken entry"));
      }
      key.resize(static_cast<size_t>(*shared));
      key += as_string(*suffix);
      if (key.size() > kMostKeyBytes) return Unexpected(damaged("a key of more than 64 KiB"));
      if (!is_first && key <= into.back().first) return Unexpected(damaged("keys that are not in order"));
      is_first = false;
      spent_ += key.size() + value->size();
      if (spent_ > kMostBytes) return Unexpected(damaged("more than 256 MiB of entries"));
      into.emplace_back(key, as_string(*value));
    }
    return {};
  }

  std::span<const std::byte> file_;
  const std::string& name_;
  size_t spent_ = 0;
};

class BlockBuilder {
 public:
  explicit BlockBuilder(int restart_interval) : restart_interval_(restart_interval) {}

  void add(const std::string& key, const std::string& value) {
    size_t shared = 0;
    if (count_ % restart_interval_ == 0) {
      restarts_.push_back(static_cast<uint32_t>(block_.size()));
    } else {
      while (shared < key.size() && shared < last_key_.size() && key[shared] == last_key_[shared]) ++shared;
    }
    append_varint(block_, shared);
    append_varint(block_, key.size() - shared);
    append_varint(block_, value.size());
    block_.append(key, shared);
    block_ += value;
    last_key_ = key;
    ++count_;
  }

  size_t size_bytes() const { return block_.size(); }
  const std::string& last_key() const { return last_key_; }
  bool empty() const { return count_ == 0; }

  // Appends the block with its trailer to `file`; returns where it stands, as the handle's bytes.
  std::string finish(std::string& file) {
    if (restarts_.empty()) restarts_.push_back(0);
    for (const uint32_t r : restarts_) append_fixed32(block_, r);
    append_fixed32(block_, static_cast<uint32_t>(restarts_.size()));
    std::string handle;
    append_varint(handle, file.size());
    append_varint(handle, block_.size());
    block_.push_back(static_cast<char>(kPlain));
    file += block_;
    append_fixed32(file, mask_crc(crc32c(std::as_bytes(std::span(block_)))));
    *this = BlockBuilder(restart_interval_);
    return handle;
  }

 private:
  int restart_interval_;
  int count_ = 0;
  std::string block_, last_key_;
  std::vector<uint32_t> restarts_;
};

}  // namespace

Expected<TableEntries> read_table(const Buffer& bytes, const std::string& name) {
  return TableReader(bytes, name).read();
}

std::string write_table(const TableEntries& entries) {
  std::string file;
  BlockBuilder data(kRestartInterval), index(1);
  const auto flush = [&] {
    if (data.empty()) return;
    const std::string last_key = data.last_key();
    index.add(last_key, data.finish(file));
  };
  for (const auto& [key, value] : entries) {
    data.add(key, value);
    if (data.size_bytes() >= kBlockBytes) flush();
  }
  flush();
  std::string footer = BlockBuilder(kRestartInterval).finish(file);
  footer += index.finish(file);
  footer.resize(kHandleRoom);
  append_fixed32(footer, static_cast<uint32_t>(kMagic));
  append_fixed32(footer, static_cast<uint32_t>(kMagic >> 32));
  return file + footer;
}

}  // namespace monolite::tensorflow

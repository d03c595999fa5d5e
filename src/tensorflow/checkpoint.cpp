#include "tensorflow/checkpoint.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <regex>

#include "base/file.h"
#include "base/text.h"
#include "tensorflow/proto/checkpoint.pb.h"
#include "tensorflow/crc32c.h"
#include "tensorflow/proto_structs.h"
#include "tensorflow/table.h"
#include "tensorflow/wire.h"

namespace monolite::tensorflow {
namespace {

constexpr int kMostShards = 100000;  // the file names have five digits

namespace fs = std::filesystem;

std::string shard_path(const std::string& prefix, int shard, int shards) {
  return fmt::format("{}.data-{:05d}-of-{:05d}", prefix, shard, shards);
}

bool exists(const std::string& path) {
  std::error_code ignored;
  return fs::is_regular_file(path, ignored);
}

std::string strip_file_ending(const std::string& path) {
  static const std::regex endings(R"(\.(index|meta|data-\d{5}-of-\d{5})$)");
  return std::regex_replace(path, endings, "");
}

// "; there are: a, b" with the checkpoints of a folder.
std::string nearby(const fs::path& folder) {
  std::vector<std::string> found;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder.empty() ? "." : folder, ignored)) {
    if (entry.path().extension() == ".index") found.push_back(entry.path().stem().string());
  }
  std::sort(found.begin(), found.end());
  std::string text;
  for (const auto& name : found) text += (text.empty() ? "; in that folder: " : ", ") + printable(name);
  return text;
}

Expected<std::string> from_state_file(const std::string& path) {
  ML_ASSIGN(const Buffer bytes, map_file(path));
  proto::CheckpointState state;
  ML_TRY(parse_text(bytes, path, "checkpoint state", state));
  const fs::path folder = fs::path(path).parent_path();
  fs::path named = state.model_checkpoint_path();
  if (named.empty()) {
    return Unexpected(
        input_error(path, "no model_checkpoint_path", "the state file that TensorFlow keeps beside checkpoints"));
  }
  // A folder that was moved keeps the old absolute names: then the file's own folder is meant.
  if (named.is_absolute() && !exists(named.string() + ".index")) named = named.filename();
  const std::string prefix = (named.is_absolute() ? named : folder / named).string();
  if (exists(prefix + ".index")) return prefix;
  return Unexpected(input_error(path, "the checkpoint " + printable(prefix) + ", which is not there",
                                "PREFIX.index beside the state file" + nearby(folder), "name the checkpoint itself"));
}

std::vector<SliceExtent> extents_of(const proto::TensorSliceProto& m) {
  std::vector<SliceExtent> extents;
  for (const auto& e : m.extent()) {
    extents.push_back(e.has_length_case() == proto::TensorSliceProto::Extent::kLength
                          ? SliceExtent{e.start(), e.length()}
                          : SliceExtent{0, -1});
  }
  return extents;
}

bool is_part_key(const std::string& key) { return key.starts_with('\0'); }

Expected<Variable> variable_of(const std::string& bytes) {
  proto::BundleEntryProto m;
  if (!m.ParseFromString(bytes)) return Unexpected(input_error("", "an entry that cannot be read"));
  Variable v;
  v.dtype = static_cast<DataType>(m.dtype());
  v.dims = shape_of(m.shape()).dims;
  v.shard = m.shard_id();
  v.offset = m.offset();
  v.size_bytes = m.size();
  v.crc = m.crc32c();
  for (const auto& s : m.slices()) v.slices.push_back(extents_of(s));
  const auto elements = checked_elements(v.dims);
  if (!elements) return Unexpected(input_error("", "shape " + to_string(v.dims), "a sensible one"));
  const int64_t size = *elements * size_bytes(v.dtype);
  if (v.slices.empty() && size_bytes(v.dtype) != 0 && size != v.size_bytes) {
    return Unexpected(input_error("", fmt::format("{} bytes for {} {}", v.size_bytes, name(v.dtype), to_string(v.dims)),
                                  fmt::format("{} bytes", size)));
  }
  return v;
}

// Copies one part into its place: both row-major, rows of the innermost axis at a time.
void place(std::span<const std::byte> part, const std::vector<int64_t>& part_dims, const std::vector<int64_t>& starts,
           const std::vector<int64_t>& dims, int64_t element_size, std::byte* whole) {
  if (part.empty()) return;
  const size_t rank = dims.size();
  const int64_t row = rank == 0 ? 1 : part_dims.back();
  std::vector<int64_t> at(rank, 0);
  for (size_t from = 0; from < part.size(); from += static_cast<size_t>(row * element_size)) {
    int64_t to = 0;
    for (size_t i = 0; i < rank; ++i) to = to * dims[i] + starts[i] + at[i];
    std::memcpy(whole + to * element_size, part.data() + from, static_cast<size_t>(row * element_size));
    for (size_t i = rank - std::min<size_t>(rank, 1); i-- > 0;) {
      if (++at[i] < part_dims[i]) break;
      at[i] = 0;
    }
  }
}

}  // namespace

Expected<std::string> find_checkpoint(const std::string& path) {
  std::error_code ignored;
  if (path.empty())
    return Unexpected(usage_error("checkpoint", "an empty path", "the prefix of a checkpoint: model.ckpt-30000"));
  if (exists(path + ".index")) return path;
  if (fs::is_directory(path, ignored)) {
    const std::string state = (fs::path(path) / "checkpoint").string();
    if (exists(state)) return from_state_file(state);
    return Unexpected(input_error(path, "a folder without a `checkpoint` state file",
                                  "the prefix of a checkpoint" + nearby(path), "name one of them"));
  }
  const std::string prefix = strip_file_ending(path);
  if (prefix != path && exists(prefix + ".index")) return prefix;
  if (fs::path(path).filename() == "checkpoint" && exists(path)) return from_state_file(path);
  if (exists(path)) {
    return Unexpected(
        input_error(path, "a single file", "a checkpoint of version 2: PREFIX.index and PREFIX.data-…",
                    "version 1 is older than 2017: load and save it once with TensorFlow's tf.train.Saver"));
  }
  return Unexpected(input_error(
      path, "no file " + printable(prefix) + ".index",
      "the prefix of a checkpoint, as model.ckpt-30000" + nearby(fs::path(path).parent_path()), "check the path"));
}

Error Checkpoint::damaged(const std::string& variable, const std::string& found) const {
  return input_error(prefix_ + ", variable " + printable(variable), found, "what the index says",
                     "index and data do not belong together or are damaged; copy all files of the checkpoint again");
}

Expected<Checkpoint> Checkpoint::open(const std::string& path) {
  Checkpoint c;
  ML_ASSIGN(c.prefix_, find_checkpoint(path));
  const std::string index = c.prefix_ + ".index";
  ML_ASSIGN(const Buffer bytes, map_file(index));
  ML_ASSIGN(const TableEntries entries, read_table(bytes, index));
  proto::BundleHeaderProto header;
  if (entries.empty() || !entries.front().first.empty() || !header.ParseFromString(entries.front().second) ||
      header.num_shards() < 1 || header.num_shards() > kMostShards) {
    return Unexpected(input_error(index, "no bundle header", "the index of a checkpoint"));
  }
  if (header.endianness() != proto::BundleHeaderProto::LITTLE) {
    return Unexpected(input_error(index, "a checkpoint of a big-endian machine", "a little-endian one"));
  }
  for (size_t i = 1; i < entries.size(); ++i) {
    auto v = variable_of(entries[i].second);
    if (!v) return Unexpected(v.error().at(index + ", variable " + printable(entries[i].first)));
    (is_part_key(entries[i].first) ? c.parts_ : c.variables_).emplace(entries[i].first, std::move(*v));
  }
  for (int s = 0; s < header.num_shards(); ++s) {
    auto shard = map_file(shard_path(c.prefix_, s, header.num_shards()));
    if (!shard) return Unexpected(shard.error());
    c.shards_.push_back(std::move(*shard));
  }
  return c;
}

Expected<Tensor> Checkpoint::read(std::string_view name) const {
  const auto it = variables_.find(name);
  if (it == variables_.end()) {
    std::vector<std::string> names;
    for (const auto& [known, v] : variables_) names.push_back(known);
    const std::string near = nearest(name, names);
    return Unexpected(input_error(prefix_, "no variable " + printable(name), "that variable",
                                  near.empty() ? "" : "the nearest name in it is " + printable(near)));
  }
  return it->second.slices.empty() ? read_whole(it->first, it->second) : read_slices(it->first, it->second);
}

Expected<Tensor> Checkpoint::read_whole(const std::string& name, const Variable& v) const {
  if (v.shard < 0 || static_cast<size_t>(v.shard) >= shards_.size()) {
    return Unexpected(damaged(name, fmt::format("shard {} of {}", v.shard, shards_.size())));
  }
  const Buffer& shard = shards_[static_cast<size_t>(v.shard)];
  const auto shard_size = static_cast<int64_t>(shard.size_bytes());
  if (v.offset < 0 || v.size_bytes < 0 || v.offset > shard_size || v.size_bytes > shard_size - v.offset) {
    return Unexpected(
        damaged(name, fmt::format("bytes {} to {} of a shard of {}", v.offset, v.offset + v.size_bytes, shard_size)));
  }
  const auto bytes = shard.bytes().subspan(static_cast<size_t>(v.offset), static_cast<size_t>(v.size_bytes));
  if (v.dtype == DataType::string) {
    Tensor t{v.dtype, v.dims, {}, {}};
    WireReader from(bytes);
    std::vector<uint64_t> lengths;
    uint32_t crc = 0;
    for (int64_t i = 0; i < t.elements(); ++i) {
      const auto length = from.varint();
      if (!length || *length > bytes.size()) return Unexpected(damaged(name, "broken string lengths"));
      // Lengths go into the checksum as fixed numbers, not as they are stored.
      const auto fixed = static_cast<uint32_t>(*length);
      crc = crc32c(std::as_bytes(std::span(&fixed, 1)), crc);
      lengths.push_back(*length);
    }
    const auto rest = from.rest();
    if (mask_crc(crc32c(rest, crc)) != v.crc || !from.fixed32()) return Unexpected(damaged(name, "a wrong checksum"));
    for (const uint64_t length : lengths) {
      const auto text = from.take(length);
      if (!text) return Unexpected(damaged(name, "broken string lengths"));
      t.strings.push_back(as_string(*text));
    }
    return t;
  }
  if (tensorflow::size_bytes(v.dtype) == 0)
    return Unexpected(damaged(name, "values of type " + tensorflow::name(v.dtype)));
  if (mask_crc(crc32c(bytes)) != v.crc) return Unexpected(damaged(name, "a wrong checksum"));
  return Tensor{v.dtype, v.dims, Buffer(std::make_shared<Buffer>(shard), bytes), {}};
}

Expected<Tensor> Checkpoint::read_slices(const std::string& name, const Variable& v) const {
  const int64_t element_size = tensorflow::size_bytes(v.dtype);
  if (element_size == 0) return Unexpected(damaged(name, "partitions of type " + tensorflow::name(v.dtype)));
  Tensor whole{v.dtype, v.dims, {}, {}};
  const int64_t elements = whole.elements();
  std::vector<std::pair<Tensor, std::vector<int64_t>>> parts;
  int64_t found = 0;
  for (const auto& extents : v.slices) {
    if (extents.size() != v.dims.size()) return Unexpected(damaged(name, "a partition of another rank"));
    const auto it = parts_.find(slice_key(name, extents));
    if (it == parts_.end()) return Unexpected(damaged(name, "a partition that is missing"));
    std::vector<int64_t> dims, starts;
    for (size_t i = 0; i < extents.size(); ++i) {
      const int64_t start = extents[i].length < 0 ? 0 : extents[i].start;
      const int64_t length = extents[i].length < 0 ? v.dims[i] : extents[i].length;
      if (start < 0 || start > v.dims[i] || length > v.dims[i] - start)
        return Unexpected(damaged(name, "a partition that reaches outside"));
      dims.push_back(length);
      starts.push_back(start);
    }
    if (it->second.dims != dims || it->second.dtype != v.dtype || !it->second.slices.empty()) {
      return Unexpected(damaged(name, "a partition of another shape or type"));
    }
    ML_ASSIGN(Tensor part, read_whole(name, it->second));
    found += part.elements();
    if (found > elements) return Unexpected(damaged(name, "partitions that overlap"));
    parts.emplace_back(std::move(part), std::move(starts));
  }
  // Only now memory is taken: as much as the shards hold.
  if (found != elements) return Unexpected(damaged(name, fmt::format("partitions of {} elements", found)));
  std::vector<std::byte> bytes(static_cast<size_t>(elements * element_size));
  for (const auto& [part, starts] : parts)
    place(part.data.bytes(), part.dims, starts, v.dims, element_size, bytes.data());
  whole.data = Buffer::of(std::move(bytes));
  return whole;
}

Expected<void> write_checkpoint(const std::string& prefix, const std::map<std::string, Tensor>& variables) {
  proto::BundleHeaderProto header;
  header.set_num_shards(1);
  header.mutable_version()->set_producer(1);
  TableEntries entries{{"", header.SerializeAsString()}};
  std::string data;
  for (const auto& [name, t] : variables) {
    proto::BundleEntryProto entry;
    entry.set_dtype(static_cast<proto::DataType>(t.dtype));
    entry.mutable_shape();
    set_shape(*entry.mutable_shape(), t.dims);
    entry.set_offset(static_cast<int64_t>(data.size()));
    entry.set_size(static_cast<int64_t>(t.data.size_bytes()));
    entry.set_crc32c(mask_crc(crc32c(t.data.bytes())));
    data.append(reinterpret_cast<const char*>(t.data.data()), t.data.size_bytes());
    entries.emplace_back(name, entry.SerializeAsString());
  }
  ML_TRY(write_file(shard_path(prefix, 0, 1), data));
  return write_file(prefix + ".index", write_table(entries));
}

Expected<void> write_checkpoint_state(const std::string& folder, const std::string& latest,
                                      const std::vector<std::string>& all) {
  std::string text = fmt::format("model_checkpoint_path: \"{}\"\n", latest);
  for (const auto& name : all) text += fmt::format("all_model_checkpoint_paths: \"{}\"\n", name);
  return write_file((fs::path(folder) / "checkpoint").string(), text);
}

}  // namespace monolite::tensorflow

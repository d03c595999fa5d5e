#pragma once
// Checkpoints of version 2 (tensor bundles): PREFIX.index and PREFIX.data-00000-of-0000N.

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/expected.h"
#include "tensorflow/graph.h"
#include "tensorflow/slice_key.h"

namespace monolite::tensorflow {

// The prefix of the checkpoint that a user names: the prefix itself, any of its files, a folder with a `checkpoint`
// state file, or that file (its latest checkpoint is meant).
//
// Errors: there is none, with those that lie nearby; a checkpoint of version 1 (one file).
Expected<std::string> find_checkpoint(const std::string& path);

struct Variable {
  DataType dtype = DataType::invalid;
  std::vector<int64_t> dims;
  // Where its bytes stand; for a partitioned variable see `slices`.
  int32_t shard = 0;
  int64_t offset = 0, size_bytes = 0;
  uint32_t crc = 0;
  std::vector<std::vector<SliceExtent>> slices;
};

class Checkpoint {
 public:
  // Reads the index; the data is mapped, not read.
  //
  // Errors: as find_checkpoint; a damaged index; a missing shard; an entry that points outside of its shard.
  static Expected<Checkpoint> open(const std::string& path);

  const std::string& prefix() const { return prefix_; }
  const std::map<std::string, Variable, std::less<>>& variables() const { return variables_; }
  bool has(std::string_view name) const { return variables_.contains(name); }

  // A variable's value: a view of the mapped file, or assembled from its partitions. Strings are copied.
  //
  // Errors: no such variable (the nearest name is offered); a wrong checksum; partitions that do not fill it.
  Expected<Tensor> read(std::string_view name) const;

 private:
  Expected<Tensor> read_whole(const std::string& name, const Variable& v) const;
  Expected<Tensor> read_slices(const std::string& name, const Variable& v) const;
  Error damaged(const std::string& variable, const std::string& found) const;

  std::string prefix_;
  std::map<std::string, Variable, std::less<>> variables_;
  std::map<std::string, Variable, std::less<>> parts_;  // by slice_key
  std::vector<Buffer> shards_;
};

// Writes PREFIX.data-00000-of-00001, then PREFIX.index. Each file appears whole or not at all. Values are numbers.
//
// Errors: a folder that is missing or not writable, a full disk.
Expected<void> write_checkpoint(const std::string& prefix, const std::map<std::string, Tensor>& variables);

// Writes FOLDER/checkpoint: `latest` and, oldest first, all that are kept. Names are relative to the folder.
Expected<void> write_checkpoint_state(const std::string& folder, const std::string& latest,
                                      const std::vector<std::string>& all);

}  // namespace monolite::tensorflow

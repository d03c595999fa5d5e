#pragma once
// Packed weights in a file, so that the next process need not pack them: it maps the file and computes with what lies
// there.
//
// The file is for one graph of a model (a hash of all its bytes), one build of the program and one instruction set; any
// other one is made again. It appears whole or not at all, so several processes may make it at once. What it holds is
// checked before it is used: a hash of it all, against damage; and every number that says where something lies, against
// files made on purpose.

#include <cstddef>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/buffer.h"
#include "base/cpu.h"
#include "base/expected.h"
#include "base/fast_hash.h"

namespace monolite::runtime {

class WeightCache {
 public:
  // What a cache is made for.
  static FastHash key_of(std::span<const std::byte> model, size_t graph, Isa isa);

  // Reads the file at `path`. One that is not there, or that is for something else, or damaged, is an empty cache.
  //
  // Errors: the file cannot be read, or is something else than a weight cache: nobody wants that written over.
  static Expected<std::shared_ptr<WeightCache>> open(std::string path, FastHash key);

  // What was kept for a node of the graph, aligned to 64 bytes; it stays as long as the cache. Empty: nothing.
  std::span<const std::byte> find(size_t node) const;

  // Something that find() gave cannot be used. From now on it gives nothing, and all has to be made again.
  void reject();
  bool is_rejected() const { return is_rejected_; }

  // Keeps something for a node, in place of what was kept before.
  void add(size_t node, std::vector<std::byte> bytes);

  // Writes the file, if something was added.
  //
  // Errors: as write_file().
  Expected<void> write() const;

  // The file's bytes with the right hash in their head: for tests of what such a file may hold.
  static void seal(std::vector<std::byte>& file);

 private:
  WeightCache(std::string path, FastHash key) : path_(std::move(path)), key_(key) {}
  bool read(Buffer file);

  std::string path_;
  FastHash key_;
  Buffer file_;
  std::map<size_t, std::span<const std::byte>> found_;
  std::map<size_t, std::vector<std::byte>> added_;
  bool is_rejected_ = false;
};

}  // namespace monolite::runtime

#pragma once
// Ops that only move elements, told as copies from view to view: the reference kernel makes them one by one, a fast
// step plans them ahead.

#include <cstdint>
#include <memory>
#include <vector>

#include "base/expected.h"
#include "ops/lookup_table.h"
#include "ops/node_view.h"
#include "ops/view.h"

namespace monolite::ops {

// Elements of `from` in an input to those of `to` in an output; the extents are the same.
struct Copy {
  int input = 0;
  View from;
  int output = 0;
  View to;
  // What each byte becomes on its way, where elements are bytes that do not go as they are; else null.
  std::shared_ptr<const ByteTable<uint8_t>> table;

  static constexpr int kNoInput = -1;  // as `input`: `value` everywhere, `from` is not looked at
  int64_t value = 0;                   // little-endian: its low bytes are the element
};

// A node's copies, in their order: a later one may overwrite what an earlier one wrote.
using Copies = std::vector<Copy>;

// A view of an input to the whole of an output, as it is.
Copy copy_whole(int input, View from, int output = 0);

// One value to all of a view of an output.
Copy copy_value(int64_t value, View to, int output = 0);

void make_copies(const Evaluation& n, const Copies& copies);

}  // namespace monolite::ops

#pragma once
// Which scale every activation gets, so that each integer kernel has what it asks for.

#include <optional>
#include <vector>

#include "base/expected.h"
#include "ir/graph.h"
#include "quantize/calibrate.h"
#include "quantize/op_rules.h"

namespace monolite::quantize {

// By TensorId: the quantization of the float32 activations that integer nodes read or write. `rules` has one entry a
// node, Role::real for those that stay float32. Tensors that nodes of Role::same join have one scale, which takes in
// the ranges of all. Inputs of Role::same_all get their output's scale where nobody else reads them, or where it hardly
// differs; elsewhere they keep their own.
//
// Errors: activations without a range, named.
Expected<std::vector<std::optional<Quantization>>> choose_scales(const Graph& graph, const std::vector<OpRule>& rules,
                                                                 const Ranges& ranges, IntegerType type);

// The least and largest element of a float32 constant; nothing where none is finite.
std::optional<Range> range_of_constant(const Tensor& tensor);

}  // namespace monolite::quantize

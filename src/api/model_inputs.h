#pragma once
// The files that a user names for a model's inputs: found, opened, and made into values.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/expected.h"
#include "image/image.h"
#include "ir/graph.h"
#include "ops/evaluate.h"
#include "tasks/feed.h"
#include "tasks/task.h"

namespace monolite {

struct GivenInput {
  std::string name;  // "": the next one in order
  std::string file;
};

// What is in the file for one input; nothing for inputs that none was named for.
struct OpenedInput {
  std::string file;
  std::optional<image::Image> picture;
  std::optional<ops::Value> value;
  bool is_raw = false;  // `value` is bytes; its type and shape are the model's
};

// Opens the files, one entry for each of the model's inputs. Unnamed files are taken in the model's order; a lone
// picture goes to the only input that takes one.
//
// Errors: no such input, two files for one, more files than inputs, a file that cannot be used.
Expected<std::vector<OpenedInput>> open_inputs(const Model& model, const std::vector<GivenInput>& given, bool is_raw);

// The inputs' shapes where the files decide about them: extents that the model leaves open.
std::map<TensorId, Shape> opened_shapes(const Model& model, const std::vector<OpenedInput>& opened);

// An error of computing the model at `sizes` of its inputs (the file's where they have none): where the model takes a
// picture of any size, the size may be the reason, and the user is told how to give another.
Error at_open_size(const Model& model, const std::map<TensorId, Shape>& sizes, Error error);

struct FedInput {
  ops::Value value;
  std::optional<tasks::Feed> feed;  // of a picture
  std::string how;                  // what was fed, in a line
};

// What the model's metadata says of an input. A broken statement is none: the model itself is fine.
std::optional<tasks::Normalization> stated_normalization(const Model& model, size_t i);

// The shapes of all tensors of the first graph, as the file and inference have them.
tasks::TensorShapes inferred_shapes(const Model& model);

struct FeedRequest {
  tasks::TaskKind kind = tasks::TaskKind::other;
  image::Fit fit = image::Fit::stretch;
  std::optional<tasks::Normalization> normalization = {};  // instead of what the model's metadata says
};

// The values for the model's inputs, `shapes` being those of all its tensors. Inputs without a file get zeros.
//
// Errors: a picture for an input that takes none; another type or shape than the model's.
Expected<std::vector<FedInput>> feed_inputs(const Model& model, const tasks::TensorShapes& shapes,
                                            const std::vector<OpenedInput>& opened, const FeedRequest& request);

}  // namespace monolite

#include "api/model_inputs.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/file.h"
#include "base/text.h"
#include "image/npy.h"
#include "image/read.h"
#include "ops/infer_shapes.h"
#include "ops/limits.h"
#include "tasks/npy_value.h"
#include "tflite/metadata.h"

namespace monolite {
namespace {

const Tensor& input(const Model& model, size_t i) { return model.main().tensor(model.main().inputs[i]); }

// "input 0 "image"".
std::string place(const Model& model, size_t i) {
  return fmt::format("{}, input {} \"{}\"", model.path, i, printable(input(model, i).name));
}

std::optional<size_t> find_input(const Model& model, const std::string& name) {
  for (size_t i = 0; i < model.main().inputs.size(); ++i) {
    if (input(model, i).name == name) return i;
  }
  for (const Signature& s : model.signatures) {
    for (const auto& [word, id] : s.inputs) {
      if (s.graph != 0 || word != name) continue;
      const auto found = std::find(model.main().inputs.begin(), model.main().inputs.end(), id);
      if (found != model.main().inputs.end()) return static_cast<size_t>(found - model.main().inputs.begin());
    }
  }
  return std::nullopt;
}

Error no_such_input(const Model& model, const std::string& name) {
  std::vector<std::string> names;
  for (size_t i = 0; i < model.main().inputs.size(); ++i) names.push_back(printable(input(model, i).name));
  const std::string near = nearest(name, names);
  return usage_error(model.path, "no input \"" + printable(name) + "\"",
                     fmt::format("one of {}", fmt::join(names, ", ")),
                     near.empty() ? "" : "did you mean \"" + near + "\"?");
}

// The place of the only input that takes pictures.
std::optional<size_t> picture_place(const Model& model) {
  std::optional<size_t> found;
  for (size_t i = 0; i < model.main().inputs.size(); ++i) {
    const Shape& s = input(model, i).shape;
    if (s.rank() != 4 || (s[3] != 1 && s[3] != 3)) continue;
    if (found) return std::nullopt;
    found = i;
  }
  return found;
}

Expected<OpenedInput> open(const std::string& path, bool is_raw) {
  ML_ASSIGN(const Buffer file, map_file(path));
  OpenedInput opened{path, {}, {}, is_raw};
  if (is_raw) {
    opened.value = ops::Value{DType::uint8, {}, file};
  } else if (image::is_npy(file)) {
    ML_ASSIGN(const auto array, image::decode_npy(file, path));
    ML_ASSIGN(opened.value, tasks::to_value(array, path));
  } else {
    auto picture = image::decode_image(file, path);
    if (!picture) {
      Error e = std::move(picture).error();
      if (!image::is_picture(file)) {
        e.expected = "a picture (PNG, JPEG, BMP) or a .npy";
        e.mend = "convert it, or add --raw if it holds the bytes of the input as they stand";
      }
      return Unexpected(std::move(e));
    }
    opened.picture = std::move(*picture);
  }
  return opened;
}

// An extent that the model leaves to whoever runs it.
bool is_open(const Tensor& t, int dimension) {
  if (!t.shape_signature || static_cast<int>(t.shape_signature->size()) != t.shape.rank()) return false;
  return (*t.shape_signature)[static_cast<size_t>(dimension)] == -1;
}

bool fits(const Tensor& t, const Shape& shape) {
  if (shape.rank() != t.shape.rank()) return false;
  for (int d = 0; d < shape.rank(); ++d) {
    if (shape[d] != t.shape[d] && !is_open(t, d)) return false;
  }
  return true;
}

Error wrong_shape(const Model& model, size_t i, const OpenedInput& from, const Shape& want) {
  return input_error(from.file, fmt::format("{} {}", name(from.value->dtype), to_string(from.value->shape)),
                     fmt::format("{} {} for {}", name(input(model, i).dtype), to_string(want), place(model, i)),
                     "give the array that shape, or `monolite reshape` the model");
}

Expected<ops::Value> as_raw(const Model& model, size_t i, const OpenedInput& from, const Shape& want) {
  const Tensor& t = input(model, i);
  const int64_t bytes = bytes_of(want, t.dtype);
  if (static_cast<int64_t>(from.value->data.size_bytes()) != bytes) {
    return Unexpected(
        input_error(from.file, fmt::format("{} bytes", from.value->data.size_bytes()),
                    fmt::format("{} bytes: {} {} for {}", bytes, name(t.dtype), to_string(want), place(model, i)),
                    "`monolite run MODEL IMAGE --dump-inputs DIR` makes such files"));
  }
  return ops::Value{t.dtype, want, from.value->data};
}

Expected<ops::Value> as_array(const Model& model, size_t i, const OpenedInput& from, const Shape& want) {
  const Tensor& t = input(model, i);
  if (from.value->dtype != t.dtype) {
    return Unexpected(input_error(from.file, fmt::format("elements of type {}", name(from.value->dtype)),
                                  fmt::format("{} for {}", name(t.dtype), place(model, i)),
                                  fmt::format("save it with numpy.save(file, array.astype(numpy.{}))", name(t.dtype))));
  }
  if (from.value->shape == want) return *from.value;
  // A missing batch, or one too many: the same numbers in the same order.
  const auto without_ones = [](const Shape& s) {
    std::vector<int32_t> dims;
    std::copy_if(s.begin(), s.end(), std::back_inserter(dims), [](int32_t extent) { return extent != 1; });
    return dims;
  };
  if (without_ones(from.value->shape) != without_ones(want)) return Unexpected(wrong_shape(model, i, from, want));
  return ops::Value{t.dtype, want, from.value->data};
}

Expected<ops::Value> zeros(const Model& model, size_t i, const Shape& want) {
  const auto elements = want.checked_elements();
  const int64_t bits = size_bits(input(model, i).dtype);
  if (!elements || bits == 0 || *elements > ops::kMostTensorBytes * 8 / bits) {
    return Unexpected(input_error(place(model, i), fmt::format("{} {}", name(input(model, i).dtype), to_string(want)),
                                  "an input of a known size", "give it a value with --input NAME=FILE"));
  }
  std::vector<std::byte> bytes(static_cast<size_t>(bytes_of(want, input(model, i).dtype)));
  return ops::Value{input(model, i).dtype, want, Buffer::of(std::move(bytes))};
}

Expected<FedInput> feed(const Model& model, size_t i, const OpenedInput& from, const Shape& want,
                        const FeedRequest& request) {
  if (from.picture) {
    const auto target = tasks::picture_input(want, i);
    if (!target) {
      return Unexpected(
          input_error(place(model, i), "a picture, " + from.file,
                      fmt::format("{} {}, which is no picture", name(input(model, i).dtype), to_string(want)),
                      "give this input as a .npy file"));
    }
    ML_ASSIGN(tasks::Feed f,
              tasks::feed_picture(*from.picture, input(model, i), *target, request.kind, request.fit,
                                  request.normalization ? request.normalization : stated_normalization(model, i)));
    const std::string how = f.line;
    return FedInput{f.value, std::move(f), how};
  }
  if (!from.value) {
    ML_ASSIGN(ops::Value value, zeros(model, i, want));
    return FedInput{std::move(value), {}, "zeros, no file was given"};
  }
  ML_ASSIGN(ops::Value value, from.is_raw ? as_raw(model, i, from, want) : as_array(model, i, from, want));
  const std::string how = fmt::format("{} {} as it stands", name(value.dtype), to_string(value.shape));
  return FedInput{std::move(value), {}, how};
}

}  // namespace

tasks::TensorShapes inferred_shapes(const Model& model) {
  const ops::Inference inference = ops::infer_shapes(model);
  tasks::TensorShapes shapes(model.main().tensors.size());
  for (size_t i = 0; i < shapes.size(); ++i) {
    if (inference.states[i].has_shape) shapes[i] = inference.states[i].shape;
  }
  return shapes;
}

std::optional<tasks::Normalization> stated_normalization(const Model& model, size_t i) {
  const auto metadata = tflite::read_metadata(model);
  if (!metadata || !*metadata || (*metadata)->inputs.size() <= i) return std::nullopt;
  const auto& tensor = (*metadata)->inputs[i];
  if (tensor.mean.empty() || tensor.std.empty()) return std::nullopt;
  return tasks::Normalization{tensor.mean, tensor.std};
}

Expected<std::vector<OpenedInput>> open_inputs(const Model& model, const std::vector<GivenInput>& given, bool is_raw) {
  std::vector<OpenedInput> opened(model.main().inputs.size());
  if (opened.empty() && !given.empty()) {
    return Unexpected(input_error(model.path, "a model without inputs", "one that takes a file",
                                  "run it without; if it should have one, the file is damaged"));
  }
  const auto is_free = [&](size_t i) { return i < opened.size() && opened[i].file.empty(); };
  for (const bool named : {true, false}) {
    for (const GivenInput& g : given) {
      if (g.name.empty() == named) continue;
      ML_ASSIGN(OpenedInput in, open(g.file, is_raw));
      std::optional<size_t> slot;
      if (named) {
        slot = find_input(model, g.name);
        if (!slot) return Unexpected(no_such_input(model, g.name));
      } else {
        if (in.picture && given.size() == 1) slot = picture_place(model);
        for (size_t i = 0; i < opened.size() && !slot; ++i) {
          if (is_free(i)) slot = i;
        }
      }
      if (!slot || !is_free(*slot)) {
        return Unexpected(usage_error(model.path, fmt::format("{} files for its inputs", given.size()),
                                      fmt::format("at most one for each of {}", opened.size()),
                                      "`monolite inspect` shows the model's inputs"));
      }
      opened[*slot] = std::move(in);
    }
  }
  return opened;
}

std::map<TensorId, Shape> opened_shapes(const Model& model, const std::vector<OpenedInput>& opened) {
  std::map<TensorId, Shape> shapes;
  for (size_t i = 0; i < opened.size(); ++i) {
    const Tensor& t = input(model, i);
    Shape shape = t.shape;
    if (opened[i].value && !opened[i].is_raw && fits(t, opened[i].value->shape)) shape = opened[i].value->shape;
    if (opened[i].picture && shape.rank() == 4) {
      if (is_open(t, 0)) shape[0] = 1;
      if (is_open(t, 1)) shape[1] = opened[i].picture->height;
      if (is_open(t, 2)) shape[2] = opened[i].picture->width;
    }
    if (shape != t.shape) shapes[model.main().inputs[i]] = shape;
  }
  return shapes;
}

Error at_open_size(const Model& model, const std::map<TensorId, Shape>& sizes, Error error) {
  for (const TensorId id : model.main().inputs) {
    const Tensor& t = model.main().tensor(id);
    if (t.shape.rank() != 4 || (!is_open(t, 1) && !is_open(t, 2))) continue;
    const auto given = sizes.find(id);
    error.mend = fmt::format(
        "input \"{}\" may be of any size, and was taken as {}: `monolite reshape --crop_size H,W` states one, often a "
        "multiple of 32",
        printable(t.name), to_string(given == sizes.end() ? t.shape : given->second));
    return error;
  }
  return error;
}

Expected<std::vector<FedInput>> feed_inputs(const Model& model, const tasks::TensorShapes& shapes,
                                            const std::vector<OpenedInput>& opened, const FeedRequest& request) {
  std::vector<FedInput> fed;
  for (size_t i = 0; i < opened.size(); ++i) {
    const auto& shape = shapes[static_cast<size_t>(model.main().inputs[i])];
    const Shape want = shape.value_or(input(model, i).shape);
    if (!want.checked_elements()) {
      return Unexpected(input_error(place(model, i), to_string(want), "a shape without negative extents",
                                    "give the input as a .npy file of the shape that you want"));
    }
    ML_ASSIGN(FedInput f, feed(model, i, opened[i], want, request));
    fed.push_back(std::move(f));
  }
  return fed;
}

}  // namespace monolite

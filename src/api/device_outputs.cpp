#include "api/device_outputs.h"

#include <fmt/format.h>

#include <filesystem>

#include "base/file.h"
#include "image/npy.h"
#include "image/read.h"
#include "tasks/npy_value.h"

namespace monolite {
namespace {

// Bytes as benchmark_model writes them: all outputs, one behind the other.
Expected<std::vector<ops::Value>> split_raw(const Buffer& bytes, const std::string& file,
                                            const std::vector<ops::Value>& like) {
  size_t total = 0;
  for (const ops::Value& v : like) total += v.data.size_bytes();
  if (total != bytes.size_bytes()) {
    return Unexpected(input_error(file, fmt::format("{} bytes", bytes.size_bytes()),
                                  fmt::format("{}, as much as the model's outputs", total),
                                  "give a .npy, a PNG of labels, or all outputs one behind the other"));
  }
  std::vector<ops::Value> values;
  size_t at = 0;
  for (const ops::Value& v : like) {
    values.push_back({v.dtype, v.shape, Buffer::copy_of(bytes.bytes().subspan(at, v.data.size_bytes()))});
    at += v.data.size_bytes();
  }
  return values;
}

}  // namespace

Expected<std::vector<ops::Value>> read_device_outputs(const std::string& path, const std::vector<ops::Value>& like) {
  std::error_code ignored;
  std::vector<ops::Value> values;
  if (std::filesystem::is_directory(path, ignored)) {
    for (size_t i = 0; i < like.size(); ++i) {
      ML_ASSIGN(const auto array, image::read_npy(fmt::format("{}/{}.npy", path, i)));
      ML_ASSIGN(ops::Value value, tasks::to_value(array, path));
      values.push_back(std::move(value));
    }
    return values;
  }
  ML_ASSIGN(const Buffer bytes, map_file(path));
  if (image::is_npy(bytes)) {
    ML_ASSIGN(const auto array, image::decode_npy(bytes, path));
    ML_ASSIGN(ops::Value value, tasks::to_value(array, path));
    values.push_back(std::move(value));
    return values;
  }
  if (!image::is_picture(bytes)) return split_raw(bytes, path, like);
  ML_ASSIGN(const auto mask, image::decode_mask(bytes, path));
  values.push_back({DType::int32,
                    {1, mask.height, mask.width},
                    Buffer::of(std::vector<int32_t>(mask.labels.begin(), mask.labels.end()))});
  return values;
}

}  // namespace monolite

// scenes_miou MODEL.tflite [COUNT]: mean IoU of a segmentation model on scenes of the split that no training sees.
//
// The model takes [1, height, width, 3] (uint8, int8 or float32 in -1..1) and gives labels, one a pixel.

#include <fmt/format.h>

#include <cstdlib>
#include <cstring>

#include "data/scene.h"
#include "data/scene_splits.h"
#include "runtime/session.h"
#include "tflite/reader.h"

namespace {

using namespace monolite;

constexpr size_t kClasses = data::kSceneClasses.size();

void fill(const runtime::TensorRef& input, const std::vector<uint8_t>& image) {
  for (size_t i = 0; i < image.size(); ++i) {
    if (input.dtype == DType::float32) {
      const float v = static_cast<float>(image[i]) * (2.0f / 255.0f) - 1.0f;
      std::memcpy(input.bytes.data() + i * sizeof v, &v, sizeof v);
    } else {
      input.bytes[i] = static_cast<std::byte>(input.dtype == DType::int8 ? image[i] ^ 0x80 : image[i]);
    }
  }
}

size_t label_at(const runtime::TensorRef& output, size_t i) {
  const std::byte* p = output.bytes.data();
  if (output.dtype == DType::int64) {
    int64_t v;
    std::memcpy(&v, p + i * sizeof v, sizeof v);
    return static_cast<size_t>(v);
  }
  int32_t v;
  std::memcpy(&v, p + i * sizeof v, sizeof v);
  return static_cast<size_t>(v);
}

Expected<int> run(const std::string& file, int count) {
  ML_ASSIGN(const Model model, tflite::read_file(file));
  ML_ASSIGN(const auto session, runtime::Session::create(model));
  const Shape shape = session->input(0).shape;
  const int height = static_cast<int>(shape[1]), width = static_cast<int>(shape[2]);
  const size_t pixels = static_cast<size_t>(height) * static_cast<size_t>(width);
  std::array<std::array<int64_t, kClasses>, kClasses> confusion{};
  for (int k = 0; k < count; ++k) {
    const data::Scene s = data::scene(data::kTestSplit.first_seed + static_cast<uint64_t>(k), height, width);
    fill(session->input(0), s.image);
    ML_TRY(session->invoke());
    const auto output = session->output(0);
    const bool is_labels = output.dtype == DType::int64 || output.dtype == DType::int32;
    if (!is_labels || output.bytes.size() != pixels * (output.dtype == DType::int64 ? 8 : 4)) {
      return Unexpected(input_error(file, "an output that is no mask of the input's size", "int32 or int64 labels"));
    }
    for (size_t i = 0; i < pixels; ++i) {
      const size_t label = label_at(output, i);
      if (label < kClasses) ++confusion[s.labels[i]][label];
    }
  }
  double sum = 0;
  int64_t right = 0, all = 0;
  for (size_t c = 0; c < kClasses; ++c) {
    int64_t row = 0, column = 0;
    for (size_t i = 0; i < kClasses; ++i) row += confusion[c][i], column += confusion[i][c];
    const double iou = static_cast<double>(confusion[c][c]) /
                       static_cast<double>(std::max<int64_t>(row + column - confusion[c][c], 1));
    fmt::print("{:<12}{:.4f}\n", data::kSceneClasses[c], iou);
    sum += iou;
    right += confusion[c][c];
    all += row;
  }
  fmt::print("mIoU        {:.4f}\npixels      {:.4f}\n", sum / kClasses,
             static_cast<double>(right) / static_cast<double>(all));
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    fmt::print(stderr, "usage: scenes_miou MODEL.tflite [COUNT]\n");
    return 2;
  }
  const auto done = run(argv[1], argc > 2 ? std::max(std::atoi(argv[2]), 1) : 500);
  if (done) return *done;
  fmt::print(stderr, "error: {}\n", to_string(done.error()));
  return 3;
}

// A segmentation net as the bytes choose, made for one size and output stride and given others by `reshape`: it
// computes what the same net made for these does.
#include "changed_model.h"
#include "convert/convert.h"
#include "random_segmenter.h"
#include "reshaping/reshape.h"
#include "same_numbers.h"

namespace {

using namespace monolite;

Model net(const uint8_t* data, size_t size, int64_t height, int64_t width, int64_t output_stride) {
  fuzz::RandomSegmenter segmenter(data, size, height, width, output_stride);
  auto made = conversion::convert(segmenter.make(), {.outputs = {"out"}});
  if (!made) fuzz::fail("not converted:", to_string(made.error()));
  return std::move(made->model);
}

// Labels where two scores are nearly equal may differ.
void expect_same_labels(const ops::Value& want, const ops::Value& got) {
  if (want.shape != got.shape) fuzz::fail("shape", to_string(want.shape) + " became " + to_string(got.shape));
  int64_t different = 0;
  for (int64_t i = 0; i < want.shape.elements(); ++i) {
    different += want.data.get<int32_t>(static_cast<size_t>(i)) != got.data.get<int32_t>(static_cast<size_t>(i));
  }
  if (different > 1 + want.shape.elements() / 100) fuzz::fail("labels:", std::to_string(different) + " differ");
}

}  // namespace

// Two sizes of 16 to 79 and two output strides, then the net.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  constexpr size_t kHead = 5;
  if (size < kHead) return 0;
  const auto side = [&](size_t i) { return 16 + data[i] % 64; };
  const auto make = [&](size_t i, int64_t output_stride) {
    return net(data + kHead, size - kHead, side(i), side(i + 1), output_stride);
  };
  const bool has_strides = data[4] % 2 == 1;
  const auto stride = [&](int bits) {
    return has_strides ? fuzz::RandomSegmenter::kFinestOutputStride << (data[4] >> bits) % 3 : 0;
  };
  Model model = make(0, stride(1));
  const Model wanted = make(2, stride(4));
  reshaping::Request request{.height = side(2), .width = side(3)};
  if (has_strides) request.output_stride = stride(4);
  const auto reshaped = reshaping::reshape(model, request);
  if (!reshaped) return 0;  // it could not be told what a size follows
  fuzz::expect_usable(model);
  const std::vector<ops::Value> inputs = {fuzz::picture({1, side(2), side(3), 3})};
  const auto want = ops::evaluate(wanted, inputs), got = ops::evaluate(model, inputs);
  if (!want || !got) fuzz::fail("not run:", to_string((want ? got : want).error()));
  if ((*want)[0].dtype == DType::int32) {
    expect_same_labels((*want)[0], (*got)[0]);
  } else {
    fuzz::expect_near("scores:", (*want)[0], (*got)[0]);
  }
  return 0;
}

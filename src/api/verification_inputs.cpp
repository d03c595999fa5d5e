#include "api/verification_inputs.h"

#include <fmt/format.h>

#include <filesystem>

#include "api/model_inputs.h"
#include "base/text.h"
#include "legalize/verify.h"
#include "ops/infer_shapes.h"
#include "tasks/task.h"

namespace monolite {
namespace {

// Models above this size run on one made-up input, others on three: the reference kernels do about a G MAC a second.
constexpr int64_t kLargeModelMacs = 500'000'000;

Expected<std::vector<ops::Value>> values_of(const Model& model, const std::vector<std::string>& files) {
  std::vector<GivenInput> given;
  for (const std::string& file : files) given.push_back({"", file});
  ML_ASSIGN(const auto opened, open_inputs(model, given, false));
  const tasks::TensorShapes shapes = inferred_shapes(model);
  const tasks::Task task = tasks::recognise(model, shapes);
  ML_ASSIGN(auto fed, feed_inputs(model, shapes, opened, {task.kind, tasks::usual_fit(task.kind)}));
  std::vector<ops::Value> values;
  for (FedInput& input : fed) values.push_back(std::move(input.value));
  return values;
}

}  // namespace

Expected<VerificationInputs> inputs_from_files(const Model& model, const std::vector<std::string>& files) {
  const size_t count = model.main().inputs.size();
  if (count == 0 || files.size() % count != 0) {
    return Unexpected(usage_error("--verify", fmt::format("{} files", files.size()),
                                  fmt::format("{}, one for each input of the model, or several times that", count)));
  }
  VerificationInputs made;
  for (size_t i = 0; i < files.size(); i += count) {
    const auto first = files.begin() + static_cast<std::ptrdiff_t>(i);
    ML_ASSIGN(auto values, values_of(model, {first, first + static_cast<std::ptrdiff_t>(count)}));
    made.sets.push_back(std::move(values));
  }
  for (const std::string& file : files) {
    made.said += (made.said.empty() ? "" : ", ") + printable(std::filesystem::path(file).filename().string());
  }
  return made;
}

Expected<VerificationInputs> made_up_inputs(const Model& model, int64_t macs) {
  const int count = macs > kLargeModelMacs ? 1 : 3;
  VerificationInputs made{{}, count == 1 ? "a made-up input" : fmt::format("{} made-up inputs", count)};
  for (int i = 0; i < count; ++i) {
    ML_ASSIGN(auto values, legalize::generate_inputs(model, static_cast<uint32_t>(1000 * i + 1)));
    made.sets.push_back(std::move(values));
  }
  return made;
}

}  // namespace monolite

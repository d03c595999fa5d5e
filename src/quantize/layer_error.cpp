#include "quantize/layer_error.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <map>

#include "passes/graph_edit.h"

namespace monolite::quantize {
namespace {

constexpr double kNoNoiseDb = 200;

template <class T>
double real_at(std::span<const std::byte> bytes, size_t i, const Quantization& q) {
  T v;
  std::memcpy(&v, bytes.data() + i * sizeof(T), sizeof(T));
  if (!q.is_quantized()) return static_cast<double>(v);
  const auto zero = static_cast<double>(q.zero_point.empty() ? 0 : q.zero_point[0]);
  return double{q.scale[0]} * (static_cast<double>(v) - zero);
}

using Reader = double (*)(std::span<const std::byte>, size_t, const Quantization&);

Reader reader_of(DType dtype) {
  switch (dtype) {
    case DType::float32:
      return real_at<float>;
    case DType::int8:
      return real_at<int8_t>;
    case DType::uint8:
      return real_at<uint8_t>;
    case DType::int16:
      return real_at<int16_t>;
    case DType::int32:
      return real_at<int32_t>;
    case DType::int64:
      return real_at<int64_t>;
    default:
      return nullptr;
  }
}

struct Side {
  runtime::TensorRef tensor;
  const Quantization* quantization;
  Reader read = nullptr;

  Side(const runtime::TensorRef& t, const Quantization& q) : tensor(t), quantization(&q), read(reader_of(t.dtype)) {}
  size_t count() const {
    const int bytes = size_bytes(tensor.dtype);
    return bytes > 0 ? tensor.bytes.size() / static_cast<size_t>(bytes) : 0;
  }
  double operator()(size_t i) const { return read(tensor.bytes, i, *quantization); }
};

void add(SignalError& to, const Side& expected, const Side& actual) {
  if (expected.read == nullptr || actual.read == nullptr) return;
  const size_t count = std::min(expected.count(), actual.count());
  for (size_t i = 0; i < count; ++i) {
    const double want = expected(i), difference = actual(i) - want;
    if (!std::isfinite(want) || !std::isfinite(difference)) continue;
    to.signal += want * want;
    to.noise += difference * difference;
    to.largest = std::max(to.largest, std::abs(difference));
    ++to.elements;
  }
}

size_t best_class(const Side& scores, size_t first, size_t classes) {
  size_t best = 0;
  for (size_t c = 1; c < classes; ++c) {
    if (scores(first + c) > scores(first + best)) best = c;
  }
  return best;
}

void add(OutputError& to, const Side& expected, const Side& actual) {
  if (expected.read == nullptr || actual.read == nullptr) return;
  const size_t count = std::min(expected.count(), actual.count());
  to.is_label = expected.tensor.dtype == DType::int32 || expected.tensor.dtype == DType::int64;
  to.elements += static_cast<int64_t>(count);
  if (to.is_label) {
    for (size_t i = 0; i < count; ++i) to.equal += expected(i) == actual(i) ? 1 : 0;
    return;
  }
  add(to.error, expected, actual);
  const Shape& shape = expected.tensor.shape;
  const auto classes = static_cast<size_t>(shape.rank() > 0 ? shape.back(0) : 0);
  if (classes < 2) return;
  for (size_t first = 0; first + classes <= count; first += classes) {
    ++to.positions;
    to.same_class += best_class(expected, first, classes) == best_class(actual, first, classes) ? 1 : 0;
  }
}

template <class T>
Buffer quantized(const Buffer& reals, const Quantization& q) {
  std::vector<T> made(reals.size_bytes() / sizeof(float));
  const double least = std::numeric_limits<T>::min(), most = std::numeric_limits<T>::max();
  for (size_t i = 0; i < made.size(); ++i) {
    const double v = std::round(double{reals.get<float>(i)} / q.scale[0]) + static_cast<double>(q.zero_point[0]);
    made[i] = static_cast<T>(v >= most ? most : v >= least ? v : least);
  }
  return Buffer::of(std::move(made));
}

// The same inputs in the types that `after` takes.
std::vector<ops::Value> converted(const std::vector<ops::Value>& inputs, const Model& after) {
  std::vector<ops::Value> made = inputs;
  for (size_t i = 0; i < made.size() && i < after.main().inputs.size(); ++i) {
    const Tensor& to = after.main().tensor(after.main().inputs[i]);
    if (made[i].dtype != DType::float32 || to.dtype == DType::float32 || to.quantization.zero_point.empty()) continue;
    if (to.dtype == DType::int8) made[i].data = quantized<int8_t>(inputs[i].data, to.quantization);
    if (to.dtype == DType::uint8) made[i].data = quantized<uint8_t>(inputs[i].data, to.quantization);
    if (to.dtype == DType::int16) made[i].data = quantized<int16_t>(inputs[i].data, to.quantization);
    made[i].dtype = to.dtype;
  }
  return made;
}

// The float model with each integer node beside its float one: it reads the float model's values, quantized.
struct Shadow {
  Model model;
  std::vector<TensorId> outputs;  // by place in ToInteger::tensors
};

class ShadowMaker {
 public:
  ShadowMaker(const Model& before, const ToInteger& made) : made_(made), result_{before, {}} {}

  Shadow run() {
    size_t last = SIZE_MAX;
    for (const IntegerTensor& t : made_.tensors) {
      if (t.node != last) copy_node(made_.model.main().nodes[made_.places[t.node]]);
      last = t.node;
      result_.outputs.push_back(written_.at(t.after));
    }
    return std::move(result_);
  }

 private:
  Graph& g() { return result_.model.main(); }
  const Tensor& tensor(TensorId id) const { return made_.model.main().tensor(id); }

  void copy_node(Node n) {
    for (TensorId& id : n.inputs) {
      if (id != kNoTensor) id = input(id);
    }
    for (TensorId& id : n.outputs) {
      if (id == kNoTensor) continue;
      const TensorId copy = g().add(tensor(id));
      written_[id] = copy;
      id = copy;
    }
    g().nodes.push_back(std::move(n));
  }

  TensorId input(TensorId id) {
    const Tensor& t = tensor(id);
    if (static_cast<size_t>(id) < made_.origins.size() && made_.origins[static_cast<size_t>(id)] == id &&
        !t.quantization.is_quantized()) {
      return id;  // as the float model has it: axes, shapes
    }
    const auto [it, is_new] = read_.try_emplace(id, kNoTensor);
    if (!is_new) return it->second;
    it->second = g().add(t);
    if (!t.is_constant()) {
      g().nodes.push_back(passes::make_node(OpCode::QUANTIZE, {made_.origins[static_cast<size_t>(id)]}, {it->second},
                                            "QuantizeOptions", passes::Options{}));
    }
    return it->second;
  }

  const ToInteger& made_;
  Shadow result_;
  std::map<TensorId, TensorId> written_, read_;
};

// Do its outputs have the values of its inputs, whatever the numbers?
bool only_moves(OpCode op) {
  switch (op) {
    case OpCode::RESHAPE:
    case OpCode::SQUEEZE:
    case OpCode::EXPAND_DIMS:
    case OpCode::TRANSPOSE:
    case OpCode::SLICE:
    case OpCode::STRIDED_SLICE:
    case OpCode::SPLIT:
    case OpCode::SPLIT_V:
    case OpCode::UNPACK:
    case OpCode::PAD:
    case OpCode::SPACE_TO_BATCH_ND:
    case OpCode::BATCH_TO_SPACE_ND:
    case OpCode::SPACE_TO_DEPTH:
    case OpCode::DEPTH_TO_SPACE:
    case OpCode::TILE:
    case OpCode::GATHER:
    case OpCode::MIRROR_PAD:
    case OpCode::REVERSE_V2:
      return true;
    default:
      return false;
  }
}

class Layers {
 public:
  Layers(const Model& before, const ToInteger& made, const Samples& samples, const ErrorOptions& options)
      : before_(before), made_(made), samples_(samples), options_(options), shadow_(ShadowMaker(before, made).run()) {}

  Expected<std::vector<LayerError>> run() {
    std::vector<TensorId> tensors;
    std::map<TensorId, size_t> places;
    for (size_t i = 0; i < made_.tensors.size(); ++i) {
      if (only_moves(before_.main().nodes[made_.tensors[i].node].op)) continue;
      tensors.push_back(made_.tensors[i].before);
      places[tensors.back()] = i;
    }
    // Three tensors are looked at for each: the float one, and two of at most half its size.
    const auto groups = groups_within(before_, tensors, options_.most_bytes / 2);
    const int runs = static_cast<int>(groups.size() * samples_.count);
    for (const auto& group : groups) {
      std::vector<size_t> which;
      for (const TensorId id : group) which.push_back(places.at(id));
      ML_TRY(look_at(which, runs));
    }
    return std::move(errors_);
  }

 private:
  Expected<void> look_at(const std::vector<size_t>& which, int runs) {
    std::vector<TensorId> reals, beside, after;
    for (const size_t i : which) {
      reals.push_back(made_.tensors[i].before);
      beside.push_back(shadow_.outputs[i]);
      after.push_back(made_.tensors[i].after);
    }
    const size_t count = reals.size();
    reals.insert(reals.end(), beside.begin(), beside.end());
    ML_ASSIGN(Watched shadow, Watched::create(shadow_.model, reals, options_.num_threads));
    ML_ASSIGN(Watched integers, Watched::create(made_.model, after, options_.num_threads));
    const size_t first = errors_.size();
    for (const size_t i : which) errors_.push_back({made_.tensors[i].node, made_.tensors[i].before, {}, {}});
    const Quantization none;
    for (size_t sample = 0; sample < samples_.count; ++sample) {
      ML_ASSIGN(const std::vector<ops::Value> inputs, samples_.load(sample));
      ML_TRY(shadow.run(inputs));
      ML_TRY(integers.run(converted(inputs, made_.model)));
      for (size_t i = 0; i < count; ++i) {
        const Quantization& q = made_.model.main().tensor(after[i]).quantization;
        const Side real(shadow.tensor(i), none);
        add(errors_[first + i].own, real, Side(shadow.tensor(count + i), q));
        add(errors_[first + i].total, real, Side(integers.tensor(i), q));
      }
      if (options_.progress) options_.progress(++done_, runs);
    }
    return {};
  }

  const Model& before_;
  const ToInteger& made_;
  const Samples& samples_;
  const ErrorOptions& options_;
  const Shadow shadow_;
  std::vector<LayerError> errors_;
  int done_ = 0;
};

}  // namespace

double SignalError::rms() const { return elements > 0 ? std::sqrt(noise / static_cast<double>(elements)) : 0; }

double SignalError::sqnr_db() const {
  if (noise <= 0) return kNoNoiseDb;
  if (signal <= 0) return -kNoNoiseDb;
  return std::clamp(10 * std::log10(signal / noise), -kNoNoiseDb, kNoNoiseDb);
}

Expected<std::vector<LayerError>> layer_errors(const Model& before, const ToInteger& made, const Samples& samples,
                                               const ErrorOptions& options) {
  return Layers(before, made, samples, options).run();
}

Expected<std::vector<OutputError>> output_errors(const Model& before, const Model& after, const Samples& samples,
                                                 const ErrorOptions& options) {
  std::vector<OutputError> errors(before.main().outputs.size());
  ML_ASSIGN(const auto reals, runtime::Session::create(before, {.num_threads = options.num_threads}));
  ML_ASSIGN(const auto integers, runtime::Session::create(after, {.num_threads = options.num_threads}));
  const Quantization none;
  for (size_t sample = 0; sample < samples.count; ++sample) {
    ML_ASSIGN(const std::vector<ops::Value> inputs, samples.load(sample));
    reals->reset_variables();
    integers->reset_variables();
    ML_ASSIGN(const std::vector<ops::Value> want, reals->run(inputs));
    ML_ASSIGN(const std::vector<ops::Value> have, integers->run(converted(inputs, after)));
    for (size_t i = 0; i < errors.size() && i < have.size(); ++i) {
      errors[i].output = i;
      const auto side = [](const ops::Value& v, const Quantization& q) {
        const auto bytes = v.data.bytes();
        return Side({v.dtype, v.shape, {const_cast<std::byte*>(bytes.data()), bytes.size()}}, q);
      };
      add(errors[i], side(want[i], none), side(have[i], after.main().tensor(after.main().outputs[i]).quantization));
    }
    if (options.observer) options.observer(want, have);
    if (options.progress) options.progress(static_cast<int>(sample + 1), static_cast<int>(samples.count));
  }
  return errors;
}

}  // namespace monolite::quantize

#include "diagnosing/diagnose.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>

#include "diagnosing/labels.h"
#include "runtime/session.h"

namespace monolite::diagnosing {
namespace {

using Clock = std::chrono::steady_clock;

// A uniform shift is looked for so far, in pixels: around the model as it should be, and around faults.
constexpr int kFar = 16, kNear = 3;
// One fault more has to explain this part of the pixels: other kernels round otherwise, and something fits that by
// chance.
constexpr double kWorthAFault = 0.001;

std::vector<uint8_t> pixels_of(const tasks::Feed& f) {
  const auto bytes = f.value.data.bytes();
  std::vector<uint8_t> pixels(bytes.size());
  std::transform(bytes.begin(), bytes.end(), pixels.begin(), [](std::byte b) { return static_cast<uint8_t>(b); });
  return pixels;
}

class Search {
 public:
  Search(const Model& model, const Subject& subject, const image::Mask& found, const Limits& limits)
      : model_(model), subject_(subject), given_(found), limits_(limits), faults_(all_faults()) {}

  Expected<Diagnosis> run() {
    ML_TRY(compare_with({}));
    std::vector<int64_t> alone(faults_.size());
    for (size_t i = 0; i < faults_.size(); ++i) {
      ML_ASSIGN(alone[i], compare_with({i}));
      report(static_cast<int>(i) + 1);
    }
    const bool is_found = std::any_of(diagnosis_.explanations.begin(), diagnosis_.explanations.end(),
                                      [&](const Explanation& e) { return e.unexplained <= worth_a_fault(); });
    for (const auto& pair : is_found ? decltype(pairs(alone))() : pairs(alone)) {
      if (Clock::now() - start_ > limits_.time) {
        diagnosis_.is_complete = false;
        break;
      }
      ML_TRY(compare_with({pair.first, pair.second}));
      report(++tried_pairs_ + static_cast<int>(faults_.size()));
    }
    auto& all = diagnosis_.explanations;
    const auto weight = [&](const Explanation& e) {
      return e.unexplained + static_cast<int64_t>(e.faults.size()) * worth_a_fault();
    };
    std::stable_sort(all.begin(), all.end(),
                     [&](const Explanation& a, const Explanation& b) { return weight(a) < weight(b); });
    return std::move(diagnosis_);
  }

 private:
  int64_t worth_a_fault() const { return static_cast<int64_t>(kWorthAFault * static_cast<double>(diagnosis_.pixels)); }

  void report(int done) const {
    if (limits_.progress) limits_.progress(done, static_cast<int>(faults_.size() + most_pairs_));
  }

  // Pairs of different stages; those first whose members leave little unexplained alone.
  std::vector<std::pair<size_t, size_t>> pairs(const std::vector<int64_t>& alone) {
    std::vector<std::pair<size_t, size_t>> all;
    for (size_t i = 0; i < faults_.size(); ++i) {
      for (size_t j = i + 1; j < faults_.size(); ++j) {
        if (faults_[i].stage != faults_[j].stage && alone[i] >= 0 && alone[j] >= 0) all.emplace_back(i, j);
      }
    }
    std::stable_sort(all.begin(), all.end(), [&](const auto& a, const auto& b) {
      return alone[a.first] + alone[a.second] < alone[b.first] + alone[b.second];
    });
    most_pairs_ = all.size();
    return all;
  }

  const Tensor& input() const { return model_.main().tensor(model_.main().inputs[subject_.input.index]); }

  // What is fed when these faults are there.
  Expected<tasks::Feed> feed(const std::vector<const Fault*>& faults, const Tensor& as) const {
    Subject subject = subject_;
    auto feed = &usual_feed;
    std::function<Expected<tasks::Feed>(const Subject&, const Tensor&)> how = feed;
    for (const Fault* f : faults) {
      if (f->change_colours) f->change_colours(subject.picture);
      if (f->feed) how = f->feed;
    }
    return how(subject, as);
  }

  // The labels that the model gives under these faults; nothing where one of them changes nothing.
  Expected<std::optional<image::Mask>> labels(const std::vector<const Fault*>& faults) {
    const Model* model = &model_;
    for (const Fault* f : faults) {
      if (!f->change_model) continue;
      auto& changed = changed_[f];
      if (!changed) {
        changed = std::make_unique<Model>(model_);
        if (!f->change_model(*changed)) changed->graphs.clear();
      }
      if (changed->graphs.empty()) return std::optional<image::Mask>();
      model = changed.get();
    }
    ML_ASSIGN(tasks::Feed fed, feed(faults, input()));
    for (const Fault* f : faults) {
      if (!f->change_numbers) continue;
      Tensor bytes = input();
      bytes.dtype = DType::uint8;
      ML_ASSIGN(const tasks::Feed pixels, feed(faults, bytes));
      f->change_numbers(input(), pixels_of(pixels), fed.value);
    }
    if (faults.empty()) placement_ = fed.placement;
    fed_placement_ = fed.placement;
    const auto bytes = fed.value.data.bytes();
    if (!faults.empty() && model == &model_ && std::equal(bytes.begin(), bytes.end(), usual_.begin(), usual_.end())) {
      return std::optional<image::Mask>();
    }
    if (faults.empty()) usual_.assign(bytes.begin(), bytes.end());
    auto& session = sessions_[model];
    if (!session) {
      ML_ASSIGN(session, runtime::Session::create(*model));
    }
    session->reset_variables();
    ML_ASSIGN(const auto outputs, session->run(std::span(&fed.value, 1)));
    ++diagnosis_.inferences;
    ML_ASSIGN(image::Mask mask, labels_of(outputs.at(0)));
    return std::optional(std::move(mask));
  }

  // The pixels that the faults leave unexplained, the best of what may have happened to the labels behind the model;
  // -1 where they change nothing.
  Expected<int64_t> compare_with(const std::vector<size_t>& indices) {
    std::vector<const Fault*> faults;
    Explanation base;
    for (const size_t i : indices) {
      faults.push_back(&faults_[i]);
      base.faults.push_back(faults_[i].name);
      base.mends.push_back(faults_[i].mend);
    }
    ML_ASSIGN(auto expected, labels(faults));
    if (!expected) return -1;
    if (indices.empty()) adopt(*expected);
    const auto count = [&](const image::Mask& mask) { return differing(mask, found_, height_, width_); };
    base.unexplained = count(*expected);
    // A mask of the picture's size may have been scaled back from where the picture was put, or from where it should
    // have been.
    if (is_of_picture_ && !indices.empty()) {
      image::Mask scaled_back = on_the_picture(*expected);
      if (const int64_t left = count(scaled_back); left < base.unexplained) {
        base.unexplained = left;
        expected = std::move(scaled_back);
      }
    }
    add(base);
    // Two faults at most: what happens to the labels may join one.
    if (indices.size() < 2) add_output_faults(*expected, base, indices.empty() ? kFar : kNear);
    return base.unexplained;
  }

  void add_output_faults(const image::Mask& expected, const Explanation& base, int reach) {
    const auto with = [&](const image::Mask& mask, const std::string& name, const std::string& mend) {
      Explanation e = base;
      e.faults.push_back(name);
      e.mends.push_back(mend);
      e.unexplained = differing(mask, found_, height_, width_);
      add(e);
    };
    with(renumbered(expected, 1), "labels one too high", "the table of labels begins one off (background is 0)");
    with(renumbered(expected, -1), "labels one too low", "the table of labels begins one off (background is 0)");
    if (expected.width == expected.height) {
      with(transposed(expected), "mask transposed behind the model", "the output is [height, width]: rows first");
    }
    const Shift s = best_shift(expected, found_, height_, width_, reach);
    if (s.down == 0 && s.right == 0) return;
    Explanation e = base;
    e.unexplained = s.differing;
    e.faults.push_back(fmt::format("shifted by {} pixels down and {} right", s.down, s.right));
    e.mends.emplace_back(
        "the sampling grid moved: even sizes with SAME padding do that (`monolite reshape --geometry=keep`)");
    add(e);
  }

  void add(const Explanation& e) {
    const bool is_worse = !e.faults.empty() && e.unexplained > diagnosis_.pixels;
    if (!is_worse) diagnosis_.explanations.push_back(e);
  }

  // What the model gave for the last feed, as it lies on the picture, in the usual feed's pixels.
  image::Mask on_the_picture(const image::Mask& given) const {
    image::Mask seen(given.width, given.height);
    const auto place_of = [](int32_t i, int32_t usual_size, int32_t usual_start, int32_t usual_extent, int32_t size,
                             int32_t start, int32_t extent, int32_t most) {
      const double on_picture = usual_start + (i + 0.5) * usual_extent / usual_size;
      const auto place = static_cast<int64_t>((on_picture - start) * size / std::max(extent, 1));
      return static_cast<int32_t>(std::clamp<int64_t>(place, 0, std::max(std::min(size, most), 1) - 1));
    };
    const image::Placement &usual = placement_, &fed = fed_placement_;
    for (int32_t y = 0; y < height_; ++y) {
      const int32_t from_y = place_of(y, usual.to_height, usual.from.top, usual.from.height, fed.to_height,
                                      fed.from.top, fed.from.height, given.height);
      for (int32_t x = 0; x < width_; ++x) {
        seen.row(y)[x] = given.row(from_y)[place_of(x, usual.to_width, usual.from.left, usual.from.width, fed.to_width,
                                                    fed.from.left, fed.from.width, given.width)];
      }
    }
    return seen;
  }

  // Brings the mask that was found to the model's size.
  void adopt(const image::Mask& expected) {
    height_ = expected.height;
    width_ = expected.width;
    const image::Mask& g = given_;
    if (g.height == expected.height && g.width == expected.width) {
      found_ = g;
    } else {
      const bool is_picture = g.width == subject_.picture.width && g.height == subject_.picture.height;
      if (is_picture && expected.height == subject_.input.height && expected.width == subject_.input.width) {
        is_of_picture_ = true;
        height_ = placement_.to_height;
        width_ = placement_.to_width;
      }
      found_ = image::Mask(expected.width, expected.height);
      for (int32_t y = 0; y < height_; ++y) {
        const auto from_y = static_cast<int32_t>((int64_t{y} * 2 + 1) * g.height / (int64_t{height_} * 2));
        for (int32_t x = 0; x < width_; ++x) {
          found_.row(y)[x] = g.row(from_y)[(int64_t{x} * 2 + 1) * g.width / (int64_t{width_} * 2)];
        }
      }
    }
    diagnosis_.pixels = int64_t{height_} * width_;
  }

  const Model& model_;
  const Subject& subject_;
  const image::Mask& given_;
  const Limits& limits_;
  const std::vector<Fault> faults_;
  const Clock::time_point start_ = Clock::now();
  std::map<const Fault*, std::unique_ptr<Model>> changed_;
  std::map<const Model*, std::unique_ptr<runtime::Session>> sessions_;
  image::Placement placement_, fed_placement_;  // of the usual feed; of the last one
  bool is_of_picture_ = false;
  std::vector<std::byte> usual_;
  image::Mask found_;
  int32_t height_ = 0, width_ = 0;
  size_t most_pairs_ = 0;
  int tried_pairs_ = 0;
  Diagnosis diagnosis_;
};

}  // namespace

Expected<Diagnosis> diagnose(const Model& model, const Subject& subject, const image::Mask& found,
                             const Limits& limits) {
  if (found.width < 1 || found.height < 1) {
    return Unexpected(input_error("the mask", image::size_text(found.width, found.height), "a picture's size"));
  }
  return Search(model, subject, found, limits).run();
}

}  // namespace monolite::diagnosing

#include "data/make.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <set>
#include <unordered_map>

#include "base/file.h"
#include "base/text.h"
#include "data/dataset_json.h"
#include "data/label_file.h"
#include "data/records.h"
#include "image/jpeg.h"
#include "image/palette.h"
#include "image/png.h"
#include "image/read.h"
#include "tensorflow/tf_record.h"

namespace monolite::data {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMostUnknown = 100'000, kShownUnknown = 8;
constexpr image::Color kPascalIgnored{224, 224, 192};

uint32_t key_of(const uint8_t* rgb) { return uint32_t{rgb[0]} << 16 | uint32_t{rgb[1]} << 8 | rgb[2]; }
uint32_t key_of(image::Color c) { return uint32_t{c.r} << 16 | uint32_t{c.g} << 8 | c.b; }

// In [0, 1), by the name alone.
double place_of(const std::string& name) {
  uint64_t h = 0xcbf29ce484222325u;
  for (const char c : name) h = (h ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  h = (h ^ (h >> 29)) * 0xbf58476d1ce4e5b9u;
  return static_cast<double>((h ^ (h >> 32)) >> 11) * 0x1p-53;
}

bool is_folder(const fs::path& path) {
  std::error_code ignored;
  return fs::is_directory(path, ignored);
}

class Maker {
 public:
  explicit Maker(const MakeRequest& r) : r_(r) {}

  Expected<Made> run() {
    ML_TRY(check());
    ML_TRY(read_labels());
    ML_TRY(find_pairs());
    ML_TRY(check_pairs());
    ML_TRY(make_folder(r_.folder));
    for (const auto& [split, pairs] : pairs_) {
      ML_TRY(r_.as_records ? write_records(split, pairs) : write_files(split, pairs));
      made_.splits[split] = static_cast<int64_t>(pairs.size());
    }
    ML_TRY(write_file((fs::path(r_.folder) / "labels.txt").string(), names()));
    ML_TRY(write_file((fs::path(r_.folder) / kDescriptionFile).string(), description_text(description_)));
    for (const Made::Class& c : made_.classes) {
      if (c.pixels == 0) made_.remarks.push_back("no mask has \"" + c.name + "\"");
    }
    return std::move(made_);
  }

 private:
  struct Unknown {
    int64_t pixels = 0;
    std::string file;
  };

  Expected<void> check() const {
    if (r_.ignore_label < 0 || r_.ignore_label > 255)
      return Unexpected(usage_error("--ignore", std::to_string(r_.ignore_label), "0 to 255"));
    if (!(r_.val_share >= 0 && r_.test_share >= 0 && r_.val_share + r_.test_share < 1)) {
      return Unexpected(usage_error("--val_share and --test_share",
                                    fmt::format("{} and {}", r_.val_share, r_.test_share),
                                    "shares that leave something to train on"));
    }
    if (r_.shards < 1 || r_.shards > 99999)
      return Unexpected(usage_error("--shards", std::to_string(r_.shards), "1 to 99999"));
    std::error_code failed;
    if (fs::exists(r_.folder, failed) && !(is_folder(r_.folder) && fs::is_empty(r_.folder, failed))) {
      return Unexpected(usage_error(printable(r_.folder), "something that is there already", "a new or empty folder"));
    }
    return {};
  }

  Expected<void> read_labels() {
    ML_ASSIGN(const Buffer file, map_file(r_.labels));
    ML_ASSIGN(const auto lines,
              parse_label_file({reinterpret_cast<const char*>(file.data()), file.size_bytes()}, r_.labels));
    const auto distinct = image::distinct_colors();
    has_colors_ = lines[0].color.has_value();
    for (const LabelLine& line : lines) {
      if (line.name == "ignore" || line.name == "void") {
        if (line.color) by_color_[key_of(*line.color)] = r_.ignore_label;
        continue;
      }
      const auto label = static_cast<int>(description_.classes.size());
      const image::Color told_by = line.color.value_or(image::pascal_color(label));
      by_color_[key_of(told_by)] = label;
      description_.classes.push_back({line.name, line.color.value_or(distinct[static_cast<size_t>(label)])});
      made_.classes.push_back({line.name});
    }
    if (!has_colors_) by_color_.try_emplace(key_of(kPascalIgnored), r_.ignore_label);
    description_.ignore_label = r_.ignore_label;
    if (description_.classes.empty()) return Unexpected(input_error(printable(r_.labels), "no class", "one a line"));
    for (int label = 0; label < 256; ++label) {
      palette_.push_back(label < classes() ? description_.classes[static_cast<size_t>(label)].color
                                           : image::Color{255, 255, 255});
    }
    return {};
  }

  int classes() const { return static_cast<int>(description_.classes.size()); }

  std::string names() const {
    std::string text;
    for (const ClassName& c : description_.classes) text += c.name + "\n";
    return text;
  }

  // Splits that the folders have stay; else names decide.
  Expected<void> find_pairs() {
    for (const char* split : {"train", "val", "test"}) {
      const fs::path images = fs::path(r_.images) / split, masks = fs::path(r_.masks) / split;
      if (!is_folder(images)) continue;
      ML_ASSIGN(pairs_[split], pair_by_name(images.string(), masks.string()));
    }
    if (!pairs_.empty()) return {};
    ML_ASSIGN(const auto all, pair_by_name(r_.images, r_.masks));
    for (const FilePair& p : all) {
      const double place = place_of(fs::path(p.image).stem().string());
      pairs_[place < r_.val_share ? "val" : place < r_.val_share + r_.test_share ? "test" : "train"].push_back(p);
    }
    // Of a few pictures chance may give none to val.
    auto &train = pairs_["train"], &val = pairs_["val"];
    if (r_.val_share > 0 && val.empty() && train.size() > 1) {
      val.push_back(train.back());
      train.pop_back();
    }
    std::erase_if(pairs_, [](const auto& split) { return split.second.empty(); });
    return {};
  }

  // All masks are read once before anything is written: errors come before the time and the space are spent.
  Expected<void> check_pairs() {
    int64_t all = 0, done = 0;
    std::set<std::string> stems;
    for (const auto& [split, pairs] : pairs_) {
      all += static_cast<int64_t>(pairs.size());
      for (const FilePair& p : pairs) {
        if (!stems.insert(fs::path(p.image).stem().string()).second)
          return Unexpected(input_error(printable(p.image), "a second picture of this name", "names that differ"));
      }
    }
    for (const auto& [split, pairs] : pairs_) {
      for (const FilePair& p : pairs) {
        ML_ASSIGN(const image::Mask mask, mask_of(p.mask));
        ML_ASSIGN(image::Image picture, image::read_image(p.image));
        ML_ASSIGN(const Sample s, labelled(std::move(picture), mask, LabelMap(), r_.ignore_label, p.mask, p.mask));
        if (unknown_.empty() || r_.ignore_unknown) ML_TRY(check_labels(s, classes(), r_.ignore_label));
        count(s);
        if (r_.progress) r_.progress(++done, all);
      }
    }
    if (unknown_.empty()) return {};
    if (!r_.ignore_unknown) return Unexpected(unknown_colors());
    made_.remarks.push_back(fmt::format("{} colours of no class are ignored", unknown_.size()));
    return {};
  }

  void count(const Sample& s) {
    std::array<int64_t, 256> pixels{};
    for (const uint8_t label : s.labels) ++pixels[label];
    made_.pixels += static_cast<int64_t>(s.labels.size());
    for (size_t c = 0; c < made_.classes.size(); ++c) {
      if (static_cast<int>(c) == r_.ignore_label) continue;
      made_.classes[c].pixels += pixels[c];
      made_.classes[c].pictures += pixels[c] > 0;
    }
    made_.ignored += pixels[static_cast<size_t>(r_.ignore_label)];
  }

  Expected<image::Mask> mask_of(const std::string& path) {
    ML_ASSIGN(const Buffer file, map_file(path));
    if (image::is_jpeg(file.bytes())) return image::decode_mask(file, printable(path));  // says why not
    if (!r_.by_palette) {
      auto mask = image::decode_mask(file, printable(path));
      if (mask) return mask;
    }
    ML_ASSIGN(const image::Image colors, image::decode_image(file, printable(path)));
    if (!has_colors_ && !r_.by_palette) {
      if (auto grey = grey_labels(colors)) return *grey;
    }
    return color_labels(colors, path);
  }

  // The labels of a picture that is all grey and whose greys are classes.
  std::optional<image::Mask> grey_labels(const image::Image& p) const {
    image::Mask mask(p.width, p.height);
    for (size_t i = 0; i < mask.labels.size(); ++i) {
      const uint8_t* rgb = p.rgb.data() + 3 * i;
      const bool is_label = rgb[0] == rgb[1] && rgb[1] == rgb[2] && (rgb[0] < classes() || rgb[0] == r_.ignore_label);
      if (!is_label) return std::nullopt;
      mask.labels[i] = rgb[0];
    }
    return mask;
  }

  image::Mask color_labels(const image::Image& p, const std::string& path) {
    image::Mask mask(p.width, p.height);
    for (size_t i = 0; i < mask.labels.size(); ++i) {
      const uint32_t key = key_of(p.rgb.data() + 3 * i);
      const auto found = by_color_.find(key);
      mask.labels[i] = static_cast<uint16_t>(found == by_color_.end() ? r_.ignore_label : found->second);
      if (found != by_color_.end() || (unknown_.size() >= kMostUnknown && !unknown_.contains(key))) continue;
      Unknown& u = unknown_[key];
      if (u.pixels++ == 0) u.file = path;
    }
    return mask;
  }

  Error unknown_colors() const {
    std::vector<std::pair<uint32_t, Unknown>> most(unknown_.begin(), unknown_.end());
    std::sort(most.begin(), most.end(), [](const auto& a, const auto& b) {
      return a.second.pixels != b.second.pixels ? a.second.pixels > b.second.pixels : a.first < b.first;
    });
    std::string list;
    for (size_t i = 0; i < std::min(most.size(), kShownUnknown); ++i) {
      const auto& [key, u] = most[i];
      list += fmt::format("\n            {} {} {}: {} pixels, first in {}", key >> 16, key >> 8 & 255, key & 255,
                          with_commas(u.pixels), printable(u.file));
    }
    if (most.size() > kShownUnknown) list += fmt::format("\n            and {} more", most.size() - kShownUnknown);
    return input_error(
        printable(r_.masks), fmt::format("{} colours of no class:{}", most.size(), list),
        has_colors_ ? "the colours of " + printable(r_.labels)
                    : "PASCAL's colours, as " + printable(r_.labels) + " has none",
        "add them to the label file (\"name 128 64 128\"); colours along edges come from smoothing: save "
        "masks without it, or leave such pixels out with --ignore_unknown");
  }

  Expected<std::vector<std::byte>> mask_png(const FilePair& p) {
    ML_ASSIGN(const image::Mask mask, mask_of(p.mask));
    return image::encode_png(mask, palette_);
  }

  Expected<void> write_files(const std::string& split, const std::vector<FilePair>& pairs) {
    const fs::path root = r_.folder;
    ML_TRY(make_folder((root / "images").string()));
    ML_TRY(make_folder((root / "masks").string()));
    for (const FilePair& p : pairs) {
      const fs::path file = p.image;
      const std::string image = "images/" + file.filename().string(), mask = "masks/" + file.stem().string() + ".png";
      ML_ASSIGN(const Buffer bytes, map_file(p.image));
      ML_TRY(write_file((root / image).string(), bytes.bytes()));
      ML_ASSIGN(const auto png, mask_png(p));
      ML_TRY(write_file((root / mask).string(), png));
      description_.splits[split].pairs.push_back({image, mask});
    }
    return {};
  }

  Expected<void> write_records(const std::string& split, const std::vector<FilePair>& pairs) {
    const auto shards = static_cast<size_t>(r_.shards);
    for (size_t k = 0; k < shards; ++k) {
      std::string file;
      for (size_t i = pairs.size() * k / shards; i < pairs.size() * (k + 1) / shards; ++i) {
        ML_ASSIGN(const Buffer bytes, map_file(pairs[i].image));
        ML_ASSIGN(const auto picture, image::decode_image(bytes, pairs[i].image));
        ML_ASSIGN(const auto png, mask_png(pairs[i]));
        // TensorFlow reads JPEG and PNG; a BMP becomes a PNG.
        std::vector<std::byte> again;
        if (!image::is_jpeg(bytes.bytes()) && !image::is_png(bytes.bytes())) {
          ML_ASSIGN(again, image::encode_png(picture));
        }
        const std::string record = segmentation_record(
            fs::path(pairs[i].image).stem().string(), again.empty() ? bytes.bytes() : std::span<const std::byte>(again),
            picture.height, picture.width, png);
        tensorflow::append_record(file, record);
      }
      const std::string name = fmt::format("{}-{:05}-of-{:05}.tfrecord", split, k, shards);
      ML_TRY(write_file((fs::path(r_.folder) / name).string(), file));
      description_.splits[split].records.push_back(name);
    }
    return {};
  }

  const MakeRequest& r_;
  Made made_;
  Description description_;
  bool has_colors_ = false;
  std::unordered_map<uint32_t, int> by_color_;
  std::unordered_map<uint32_t, Unknown> unknown_;
  std::vector<image::Color> palette_;
  std::map<std::string, std::vector<FilePair>> pairs_;
};

}  // namespace

Expected<Made> make_dataset(const MakeRequest& request) { return Maker(request).run(); }

}  // namespace monolite::data

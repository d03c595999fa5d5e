#include "data/dataset_json.h"

#include <fmt/format.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/file.h"
#include "base/text.h"

namespace monolite::data {
namespace {

using Json = nlohmann::ordered_json;
namespace fs = std::filesystem;

constexpr const char* kFormat = "monolite-dataset";
constexpr size_t kMostBytes = size_t{1} << 30, kMostClasses = 256;

Unexpected wrong(const std::string& file, const std::string& found, const std::string& expected) {
  return Unexpected(input_error(printable(file), found, expected, "`monolite dataset make` writes such a file"));
}

Expected<ClassName> class_of(const Json& j, const std::string& file, size_t index) {
  const std::string where = fmt::format("class {}", index);
  if (!j.is_object() || !j.contains("name") || !j["name"].is_string())
    return wrong(file, where + " without a name", "{\"name\": \"road\", \"color\": [128, 64, 128]}");
  ClassName c{printable(j["name"].get<std::string>(), 100), {}};
  if (!j.contains("color")) return c;
  const Json& color = j["color"];
  uint8_t* parts[] = {&c.color.r, &c.color.g, &c.color.b};
  for (size_t i = 0; i < 3; ++i) {
    const bool is_fine = color.is_array() && color.size() == 3 && color[i].is_number_integer() &&
                         color[i].get<int64_t>() >= 0 && color[i].get<int64_t>() <= 255;
    if (!is_fine) return wrong(file, where + " with another colour", "three numbers of 0 to 255");
    *parts[i] = static_cast<uint8_t>(color[i].get<int64_t>());
  }
  return c;
}

Expected<Description::Split> split_of(const Json& j, const std::string& folder, const std::string& file,
                                      const std::string& name) {
  const std::string where = "split \"" + printable(name) + "\"";
  const auto in_folder = [&](const Json& path) { return (fs::path(folder) / path.get<std::string>()).string(); };
  Description::Split split;
  if (j.is_object() && j.contains("records") && j["records"].is_array()) {
    for (const Json& path : j["records"]) {
      if (!path.is_string()) return wrong(file, where + " with a record file that is no text", "names of files");
      split.records.push_back(in_folder(path));
    }
    return split;
  }
  if (!j.is_array()) return wrong(file, where + " that is no list", "a list of images and masks, or \"records\"");
  for (const Json& pair : j) {
    const bool is_pair = pair.is_object() && pair.contains("image") && pair["image"].is_string() &&
                         pair.contains("mask") && pair["mask"].is_string();
    if (!is_pair) {
      return wrong(file, fmt::format("{}, entry {} of another kind", where, split.pairs.size()),
                   "{\"image\": FILE, \"mask\": FILE}");
    }
    split.pairs.push_back({in_folder(pair["image"]), in_folder(pair["mask"])});
  }
  return split;
}

}  // namespace

Expected<Description> read_description(const std::string& folder) {
  const std::string file = (fs::path(folder) / kDescriptionFile).string();
  ML_ASSIGN(const Buffer bytes, map_file(file));
  if (bytes.size_bytes() > kMostBytes) return wrong(file, fmt::format("{} bytes", bytes.size_bytes()), "at most 1 GiB");
  const auto* text = reinterpret_cast<const char*>(bytes.data());
  const Json j = Json::parse(text, text + bytes.size_bytes(), nullptr, false);
  if (j.is_discarded() || !j.is_object()) return wrong(file, "no JSON object", "the description of a data set");
  if (!j.contains("format") || j["format"] != kFormat || !j.contains("version") || j["version"] != 1)
    return wrong(file, "another \"format\" or \"version\"", fmt::format("\"{}\", 1", kFormat));
  Description d;
  if (!j.contains("classes") || !j["classes"].is_array() || j["classes"].empty() || j["classes"].size() > kMostClasses)
    return wrong(file, "no list of \"classes\"", "1 to 256 of them");
  for (const Json& c : j["classes"]) {
    ML_ASSIGN(ClassName made, class_of(c, file, d.classes.size()));
    d.classes.push_back(std::move(made));
  }
  if (j.contains("ignore_label")) {
    const Json& label = j["ignore_label"];
    if (!label.is_number_integer() || label.get<int64_t>() < -1 || label.get<int64_t>() > 255)
      return wrong(file, "another \"ignore_label\"", "0 to 255, or -1 for none");
    d.ignore_label = static_cast<int>(label.get<int64_t>());
  }
  if (!j.contains("splits") || !j["splits"].is_object()) return wrong(file, "no \"splits\"", "train, val and the like");
  for (const auto& [name, split] : j["splits"].items()) {
    ML_ASSIGN(d.splits[name], split_of(split, folder, file, name));
  }
  return d;
}

std::string description_text(const Description& d) {
  Json classes = Json::array(), splits = Json::object();
  for (const ClassName& c : d.classes) {
    classes.push_back({{"name", c.name}, {"color", {c.color.r, c.color.g, c.color.b}}});
  }
  for (const auto& [name, split] : d.splits) {
    Json pairs = Json::array();
    for (const FilePair& p : split.pairs) pairs.push_back({{"image", p.image}, {"mask", p.mask}});
    splits[name] = split.records.empty() ? pairs : Json{{"records", split.records}};
  }
  const Json j = {
      {"format", kFormat}, {"version", 1}, {"ignore_label", d.ignore_label}, {"classes", classes}, {"splits", splits}};
  return j.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace monolite::data

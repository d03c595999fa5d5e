#include "api/next_lines.h"

#include <fmt/format.h>

#include <filesystem>
#include <string_view>

namespace monolite {
namespace {

constexpr const char* kDeviceFolder = "/data/local/tmp";

bool starts_with(const std::string& text, std::string_view prefix) {
  return text.compare(0, prefix.size(), prefix) == 0;
}

// A file's name as one word of a shell.
std::string quoted(const std::string& text) {
  const bool is_plain =
      text.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./-+=:,") ==
      std::string::npos;
  if (is_plain && !text.empty()) return text;
  std::string word = "'";
  for (const char c : text) word += c == '\'' ? "'\\''" : std::string(1, c);
  return word + "'";
}

std::vector<std::string> on_android(const std::string& file, const std::string& flags) {
  const std::string name = quoted(std::filesystem::path(file).filename().string());
  return {fmt::format("adb push {} {}/", quoted(file), kDeviceFolder),
          fmt::format("adb shell {0}/benchmark_model --graph={0}/{1} {2} --enable_op_profiling=true", kDeviceFolder,
                      name, flags)};
}

}  // namespace

std::vector<std::string> next_lines(const std::string& file, const std::string& target) {
  const auto is_cpu = [&] { return target.size() > 4 && target.compare(target.size() - 4, 4, "-cpu") == 0; };
  if (target == "nnapi") return on_android(file, "--use_nnapi=true --disable_nnapi_cpu=false");
  if (starts_with(target, "nnapi")) {
    return on_android(
        file, is_cpu() ? "--use_nnapi=true --disable_nnapi_cpu=false" : "--use_nnapi=true --disable_nnapi_cpu=true");
  }
  if (target == "gpu") return on_android(file, "--use_gpu=true");
  if (target == "hexagon") return on_android(file, "--use_hexagon=true --hexagon_lib_path=/data/local/tmp");
  if (target == "xnnpack") return {fmt::format("benchmark_model --graph={} --use_xnnpack=true", quoted(file))};
  if (target == "vx") {
    return {
        fmt::format("benchmark_model --graph={} --external_delegate_path=/usr/lib/libvx_delegate.so", quoted(file))};
  }
  if (starts_with(target, "ethos-")) return {fmt::format("vela --accelerator-config {}-256 {}", target, quoted(file))};
  if (target == "edgetpu") return {fmt::format("edgetpu_compiler -s {}", quoted(file))};
  return {fmt::format("monolite run {} picture.jpg --overlay overlay.png", quoted(file))};
}

}  // namespace monolite

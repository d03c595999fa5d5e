#pragma once
// TensorBoard's event files: curves and pictures of one run.

#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/expected.h"
#include "image/image.h"

namespace monolite::train {

using Scalars = std::vector<std::pair<std::string, float>>;

class EventFile {
 public:
  // FOLDER/events.out.tfevents.SECONDS.monolite-PROCESS, which is only appended to: a run that is killed leaves a file
  // that TensorBoard reads up to there.
  //
  // Errors: a folder that is not writable.
  static Expected<EventFile> create(const std::string& folder);

  // Errors: a full disk.
  Expected<void> add(int64_t step, const Scalars& scalars);
  Expected<void> add(int64_t step, const std::string& tag, const image::Image& picture);

 private:
  struct Close {
    void operator()(std::FILE* f) const { std::fclose(f); }
  };
  EventFile(std::string path, std::FILE* file) : path_(std::move(path)), file_(file) {}
  Expected<void> append(const std::string& event);

  std::string path_;
  std::unique_ptr<std::FILE, Close> file_;
};

}  // namespace monolite::train

#pragma once
// Whether a checkpoint is of the net that is to be exported, and which flag was meant where it is not.

#include <optional>
#include <string>
#include <vector>

#include "convert/export.h"
#include "nets/net.h"

namespace monolite::conversion {

// What of the checkpoint `net`, made as `request` says, leaves unused: remarks for the user.
//
// Errors: variables that are missing or have another shape: the first, how many more, and the flag that mends it.
Expected<std::vector<std::string>> fit(const tensorflow::Checkpoint& checkpoint, const ExportRequest& request,
                                       const nets::Net& net);

// Is the layer's filter trained with a range for each channel?
bool has_channel_ranges(const tensorflow::Checkpoint& checkpoint, const nets::Layer& layer);

// The numbers of classes and of filters that a checkpoint was trained with.
std::optional<int> classes_of(const tensorflow::Checkpoint& checkpoint);
std::optional<int> aspp_filters_of(const tensorflow::Checkpoint& checkpoint);
std::optional<int> decoder_filters_of(const tensorflow::Checkpoint& checkpoint);

}  // namespace monolite::conversion

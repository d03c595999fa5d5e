#include "passes/share_constants.h"

#include <string_view>
#include <unordered_map>

namespace monolite::passes {

int64_t share_constants(Model& model) {
  int64_t saved = 0;
  std::unordered_map<std::string_view, Buffer> known;
  for (Graph& g : model.graphs) {
    for (Tensor& t : g.tensors) {
      if (!t.is_constant() || t.is_variable) continue;
      const std::string_view bytes(reinterpret_cast<const char*>(t.data.data()), t.data.size_bytes());
      const auto [first, is_new] = known.try_emplace(bytes, t.data);
      if (is_new || first->second.data() == t.data.data()) continue;
      saved += static_cast<int64_t>(bytes.size());
      t.data = first->second;
    }
  }
  return saved;
}

}  // namespace monolite::passes

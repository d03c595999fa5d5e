#include "api/receipt.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "monolite/version.h"

namespace monolite {
namespace {

using Json = nlohmann::ordered_json;

Json to_json(const ReceiptStep& step) {
  Json changes = Json::array();
  for (const ReceiptStep::Change& c : step.changes) {
    changes.push_back({{"rewrite", c.name}, {"proof", c.proof}, {"op", c.op}, {"node", c.node}, {"note", c.note}});
  }
  return {{"verb", step.verb},       {"version", MONOLITE_VERSION},
          {"command", step.command}, {"source", {{"file", step.source}, {"sha256", step.source_sha256}}},
          {"targets", step.targets}, {"rewrites", changes}};
}

std::vector<std::pair<std::string, Buffer>>::iterator find(Model& model) {
  return std::find_if(model.metadata.begin(), model.metadata.end(),
                      [](const auto& m) { return m.first == kReceiptKey; });
}

}  // namespace

std::string receipt_text(const Model& model) {
  for (const auto& [name, data] : model.metadata) {
    if (name == kReceiptKey) return {reinterpret_cast<const char*>(data.data()), data.size_bytes()};
  }
  return {};
}

void add_receipt(Model& model, const ReceiptStep& step) {
  Json steps = Json::parse(receipt_text(model), nullptr, false);
  if (!steps.is_array()) steps = Json::array();
  steps.push_back(to_json(step));
  const std::string text = steps.dump(-1, ' ', false, Json::error_handler_t::replace);
  const Buffer data = Buffer::copy_of(std::as_bytes(std::span(text)));
  if (const auto old = find(model); old != model.metadata.end()) {
    old->second = data;
  } else {
    model.metadata.emplace_back(kReceiptKey, data);
  }
}

}  // namespace monolite

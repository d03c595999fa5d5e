#include "tensorflow/saved_model.h"

#include <gtest/gtest.h>

#include "tensorflow/fixtures.h"

namespace monolite::tensorflow {
namespace {

TEST(SavedModel, OfTensorFlow1HasGraphAndSignature) {
  SHARED_OR_SKIP(folder, "fixtures/saved_model/tf1");
  const auto m = read_saved_model(folder, {"serve"});
  ASSERT_TRUE(m) << to_string(m.error());
  EXPECT_EQ(m->signatures.at("serving_default").inputs.at(0).tensor, "ImageTensor:0");
  EXPECT_GT(m->graph.nodes.size(), 900u);
}

TEST(SavedModel, OfTensorFlow2HasFunctionsAndVariables) {
  SHARED_OR_SKIP(folder, "fixtures/saved_model/tf2_keras");
  const auto m = read_saved_model(folder, {"serve"});
  ASSERT_TRUE(m) << to_string(m.error());
  EXPECT_FALSE(m->graph.functions.empty());
  ASSERT_TRUE(m->variables);
  ASSERT_FALSE(m->variable_keys.empty());
  for (const auto& [name, key] : m->variable_keys) {
    const auto value = m->variables->read(key);
    EXPECT_TRUE(value) << to_string(value.error());
  }
}

TEST(SavedModel, NamesTheTagsThatExist) {
  SHARED_OR_SKIP(folder, "fixtures/saved_model/tf1");
  EXPECT_EQ(read_saved_model(folder, {"gpu"}).error().found, "meta graphs with the tags {serve}");
}

}  // namespace
}  // namespace monolite::tensorflow

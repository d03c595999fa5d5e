#include "ops/op.h"

#include "ops/testing_node.h"

namespace monolite::ops {
namespace {

using testing::elements;
using testing::OneNode;
using testing::value;
using testing::vector;

struct Dims {
  int32_t seq_dim = 0, batch_dim = 0;
  template <class V>
  void visit(V&& v) {
    v("seq_dim", seq_dim);
    v("batch_dim", batch_dim);
  }
};

TEST(ReverseSequence, TurnsTheStartOfEachRow) {
  OneNode n{OpCode::REVERSE_SEQUENCE, {value<float>({2, 3}, {1, 2, 3, 4, 5, 6}), vector<int32_t>({2, 0})}};
  EXPECT_EQ(elements<float>(n.run("ReverseSequenceOptions", Dims{1, 0})), (std::vector<float>{2, 1, 3, 4, 5, 6}));
  EXPECT_NE(n.error("ReverseSequenceOptions", Dims{1, 1}).find("two of 2 dimensions"), std::string::npos);
  n.inputs[1] = vector<int32_t>({2, 4});
  EXPECT_NE(n.error("ReverseSequenceOptions", Dims{1, 0}).find("found     index 4"), std::string::npos);
}

}  // namespace
}  // namespace monolite::ops

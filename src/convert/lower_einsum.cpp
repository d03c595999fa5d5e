// Einsum of two tensors -> products of matrices, with the axes brought into order before and behind.

#include <algorithm>
#include <map>

#include "base/text.h"
#include "convert/lowerings.h"

namespace monolite::conversion {
namespace {

namespace tf = monolite::tensorflow;

constexpr char kFirstUnnamed = 1;  // labels of the axes that "..." stands for

struct Equation {
  std::string left, right, out;
};

// "ab...,...->b" with labels in place of the dots, one for each axis.
Expected<Equation> equation_of(const tf::Node& n, int left_rank, int right_rank) {
  std::string text;
  for (const char c : n.attr_or<std::string>("equation", "")) {
    if (c != ' ') text += c;
  }
  const size_t comma = text.find(','), arrow = text.find("->");
  const auto wrong = [&] {
    return Unexpected(node_error(n, "equation " + printable(text), "two operands and a result, as ab,bc->ac"));
  };
  if (comma == std::string::npos || arrow == std::string::npos || comma > arrow) return wrong();
  Equation e{text.substr(0, comma), text.substr(comma + 1, arrow - comma - 1), text.substr(arrow + 2)};
  int unnamed = 0;
  const auto count_unnamed = [&](const std::string& operand, int rank) {
    if (operand.find("...") != std::string::npos)
      unnamed = std::max(unnamed, rank - static_cast<int>(operand.size()) + 3);
  };
  count_unnamed(e.left, left_rank);
  count_unnamed(e.right, right_rank);
  const auto name_axes = [&](std::string& operand, int rank) {
    const size_t dots = operand.find("...");
    if (dots == std::string::npos) return;
    const int own = rank < 0 ? unnamed : rank - static_cast<int>(operand.size()) + 3;
    std::string labels;
    for (int i = std::max(unnamed - own, 0); i < unnamed; ++i) labels += static_cast<char>(kFirstUnnamed + i);
    operand.replace(dots, 3, labels);
  };
  name_axes(e.left, left_rank);
  name_axes(e.right, right_rank);
  name_axes(e.out, -1);
  const auto has_twice = [](std::string labels) {
    std::sort(labels.begin(), labels.end());
    return std::adjacent_find(labels.begin(), labels.end()) != labels.end();
  };
  if (static_cast<int>(e.left.size()) != left_rank || static_cast<int>(e.right.size()) != right_rank ||
      has_twice(e.left) || has_twice(e.right) || has_twice(e.out)) {
    return wrong();
  }
  return e;
}

bool has(const std::string& labels, char c) { return labels.find(c) != std::string::npos; }

// The labels of `all` for which `is` holds.
template <class F>
std::string those(const std::string& all, F is) {
  std::string found;
  for (const char c : all) {
    if (is(c)) found += c;
  }
  return found;
}

std::vector<int64_t> order_of(const std::string& to, const std::string& from) {
  std::vector<int64_t> order;
  for (const char c : to) order.push_back(static_cast<int64_t>(from.find(c)));
  return order;
}

struct Operand {
  TensorId id;
  std::string labels;
};

class Product {
 public:
  Product(Lowering& l, const tf::Node& n, Equation e) : l_(l), n_(n), e_(std::move(e)) {
    batch_ = those(e_.left, [&](char c) { return has(e_.right, c) && has(e_.out, c); });
    inner_ = those(e_.left, [&](char c) { return has(e_.right, c) && !has(e_.out, c); });
    rows_ = those(e_.left, [&](char c) { return !has(e_.right, c); });
    columns_ = those(e_.right, [&](char c) { return !has(e_.left, c); });
  }

  Expected<TensorId> emit(TensorId left, TensorId right) {
    std::string all = batch_ + rows_ + columns_, out = e_.out;
    std::sort(all.begin(), all.end());
    std::sort(out.begin(), out.end());
    if (all != out)
      return Unexpected(node_error(n_, "an equation that sums over an axis of one operand",
                                   "sums over axes that both operands have"));
    ML_TRY(take_extents(e_.left, left));
    ML_TRY(take_extents(e_.right, right));
    const std::string made = batch_ + rows_ + columns_;
    if (batch_.empty() && l_.tensor(right).is_constant() && l_.tensor(right).dtype == DType::float32) {
      ML_ASSIGN(const TensorId product, dense(left, right));
      return ordered(product, made);
    }
    ML_ASSIGN(const Operand a, arranged(left, e_.left, rows_, "left"));
    ML_ASSIGN(const Operand b, arranged(right, e_.right, columns_, "right"));
    // Where the axes stand the other way round, the product reads them so.
    const bool adj_x = !rows_.empty() && !inner_.empty() && a.labels == batch_ + inner_ + rows_;
    const bool adj_y = !columns_.empty() && !inner_.empty() && b.labels == batch_ + columns_ + inner_;
    ML_ASSIGN(const TensorId x, matrices(a, adj_x ? inner_ : rows_, adj_x ? rows_ : inner_, "left"));
    ML_ASSIGN(const TensorId y, matrices(b, adj_y ? columns_ : inner_, adj_y ? inner_ : columns_, "right"));
    ML_ASSIGN(const TensorId product, l_.emit(n_.name + "/product", OpCode::BATCH_MATMUL, {x, y}, l_.tensor(x).dtype,
                                              "BatchMatMulOptions", {{"adj_x", adj_x}, {"adj_y", adj_y}}));
    return ordered(product, made);
  }

 private:
  Expected<void> take_extents(const std::string& labels, TensorId id) {
    for (size_t i = 0; i < labels.size(); ++i) {
      const int32_t extent = l_.shape(id)[static_cast<int>(i)];
      const auto [it, is_new] = extents_.try_emplace(labels[i], extent);
      if (!is_new && it->second != extent)
        return Unexpected(node_error(
            n_, "axes of one label with " + std::to_string(it->second) + " and " + std::to_string(extent) + " elements",
            "equally many"));
    }
    return {};
  }

  Expected<int32_t> size_of(const std::string& labels) {
    int64_t size = 1;
    for (const char c : labels) {
      size *= extents_[c];
      if (size > INT32_MAX) return Unexpected(node_error(n_, "axes that come to more than 2^31 elements", "fewer"));
    }
    return static_cast<int32_t>(size);
  }

  // The axes as batch, own, inner, or batch, inner, own where they already stand so.
  Expected<Operand> arranged(TensorId id, const std::string& labels, const std::string& own, const char* side) {
    if (labels == batch_ + inner_ + own) return Operand{id, labels};
    const std::string wanted = batch_ + own + inner_;
    ML_ASSIGN(const TensorId moved, transposed(l_, n_.name + "/" + side, id, order_of(wanted, labels)));
    return Operand{moved, wanted};
  }

  // All batches as they are, each matrix with one axis of rows and one of columns.
  Expected<TensorId> matrices(const Operand& o, const std::string& first, const std::string& second, const char* side) {
    Shape shape;
    for (const char c : batch_) shape.push_back(extents_[c]);
    ML_ASSIGN(const int32_t rows, size_of(first));
    ML_ASSIGN(const int32_t columns, size_of(second));
    shape.push_back(rows);
    shape.push_back(columns);
    return reshaped(l_, n_.name + "/" + side + "_matrix", o.id, shape);
  }

  // A dense layer: [rows, inner] times weights [columns, inner].
  Expected<TensorId> dense(TensorId left, TensorId right) {
    ML_ASSIGN(const TensorId a, transposed(l_, n_.name + "/left", left, order_of(rows_ + inner_, e_.left)));
    ML_ASSIGN(const TensorId b,
              transposed(l_, l_.tensor(right).name + "/transposed", right, order_of(columns_ + inner_, e_.right)));
    ML_ASSIGN(const int32_t rows, size_of(rows_));
    ML_ASSIGN(const int32_t columns, size_of(columns_));
    ML_ASSIGN(const int32_t inner, size_of(inner_));
    ML_ASSIGN(const TensorId x, reshaped(l_, n_.name + "/left_matrix", a, {rows, inner}));
    ML_ASSIGN(const TensorId weights, reshaped(l_, l_.tensor(right).name + "/matrix", b, {columns, inner}));
    return l_.emit(n_.name + "/product", OpCode::FULLY_CONNECTED, {x, weights}, DType::float32,
                   "FullyConnectedOptions");
  }

  // From `labels` with joined axes to the order that the equation asks for.
  Expected<TensorId> ordered(TensorId id, const std::string& labels) {
    Shape shape;
    for (const char c : labels) shape.push_back(extents_[c]);
    const auto order = order_of(e_.out, labels);
    const bool moves = !std::is_sorted(order.begin(), order.end());
    ML_ASSIGN(const TensorId whole, reshaped(l_, moves ? n_.name + "/axes" : n_.name, id, shape));
    return transposed(l_, n_.name, whole, order);
  }

  Lowering& l_;
  const tf::Node& n_;
  Equation e_;
  std::string batch_, inner_, rows_, columns_;  // labels of both, summed over, of the left alone, of the right alone
  std::map<char, int32_t> extents_;
};

}  // namespace

Outputs lower_einsum(Lowering& l, const tf::Node& n, const std::vector<TensorId>& in) {
  ML_TRY(expect_inputs(n, in, 2));
  const int left = l.shape(in[0]).rank(), right = l.shape(in[1]).rank();
  ML_ASSIGN(Equation e, equation_of(n, left, right));
  const bool swaps = l.tensor(in[0]).is_constant() && !l.tensor(in[1]).is_constant();
  if (swaps) std::swap(e.left, e.right);
  Product product(l, n, std::move(e));
  return one(swaps ? product.emit(in[1], in[0]) : product.emit(in[0], in[1]));
}

}  // namespace monolite::conversion

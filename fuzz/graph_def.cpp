// Any bytes as a GraphDef, binary or text: what is read is written, and that reads back the same, from either form.
#include <span>

#include "bytes.h"
#include "fail.h"
#include "tensorflow/graph_def.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace monolite;
  using namespace monolite::tensorflow;
  const auto graph = parse_graph_def(fuzz::buffer_of(data, size), "fuzz");
  if (!graph) return 0;
  const auto once = serialize_graph_def(*graph);
  if (!once) return 0;
  const auto again = parse_graph_def(Buffer::copy_of(*once), "again");
  if (!again) fuzz::fail("not read again:", to_string(again.error()));
  const auto twice = serialize_graph_def(*again);
  if (!twice || *twice != *once) fuzz::fail("another graph when written again");
  const auto text = print_graph_def(*again);
  if (!text) fuzz::fail("not printed:", to_string(text.error()));
  const auto printed = parse_graph_def(Buffer::copy_of(std::as_bytes(std::span(*text))), "printed");
  if (!printed) fuzz::fail("text not read:", to_string(printed.error()));
  const auto thrice = serialize_graph_def(*printed);
  if (!thrice || *thrice != *once) fuzz::fail("another graph after the text");
  return 0;
}

// rewriter IN OUT: reads a .tflite and writes it again, for tests/models/round_trip_test.py.
#include <cstdio>

#include "tflite/reader.h"
#include "tflite/writer.h"

int main(int argc, char** argv) {
  using namespace monolite;
  if (argc != 3) return 2;
  const auto model = tflite::read_file(argv[1]);
  const auto written = model ? tflite::write_file(*model, argv[2]) : Unexpected(model.error());
  if (!written) std::fprintf(stderr, "error: %s\n", to_string(written.error()).c_str());
  return written ? 0 : 3;
}

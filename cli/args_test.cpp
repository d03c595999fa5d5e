#include "args.h"

#include <gtest/gtest.h>

namespace monolite::cli {
namespace {

struct Values {
  bool align = true, dry = false;
  int stride = 16;
  double rate = 1;
  std::string model, out;
  std::vector<std::string> inputs;
};

// Parses; the exit code (or -1 where the verb goes on) and what was printed to stderr.
std::pair<int, std::string> parse(Values& v, std::vector<std::string> words, bool warns = false) {
  Args a("demo", "a verb for this test", std::move(words));
  a.positional("MODEL", v.model, "a file").flag("align_corners", v.align, "…").flag("dry-run", v.dry, "…");
  a.flag("output_stride", v.stride, "N", "…")
      .flag("rate", v.rate, "X", "…")
      .flag("output", v.out, "FILE", "…")
      .short_name("-o");
  a.flags("input", v.inputs, "FILE", "…").ignored({"logtostderr"});
  if (warns) a.warn_of_unknown();
  ::testing::internal::CaptureStderr();
  ::testing::internal::CaptureStdout();
  const int code = a.parse().value_or(-1);
  ::testing::internal::GetCapturedStdout();
  return {code, ::testing::internal::GetCapturedStderr()};
}

TEST(Args, TakesEverySpellingOfTheContract) {
  Values v;
  EXPECT_EQ(parse(v, {"--output-stride=8", "m.tflite", "--noalign_corners", "--dry_run", "--rate", "-0.5", "-o", "x",
                      "--logtostderr", "--logtostderr=1", "--input=a,b", "--input", "c"})
                .first,
            -1);
  EXPECT_EQ(v.stride, 8);
  EXPECT_FALSE(v.align);
  EXPECT_TRUE(v.dry);
  EXPECT_EQ(v.rate, -0.5);
  EXPECT_EQ(v.out, "x");
  EXPECT_EQ(v.model, "m.tflite");
  EXPECT_EQ(v.inputs, (std::vector<std::string>{"a,b", "c"}));
  EXPECT_EQ(parse(v, {"m", "--align_corners=false", "--dry-run=0", "--output_s", "32"}).first, -1);
  EXPECT_EQ(v.stride, 32);
  EXPECT_FALSE(v.dry);
  EXPECT_EQ(parse(v, {"--", "--odd-name"}).first, -1);
  EXPECT_EQ(v.model, "--odd-name");
}

TEST(Args, NamesTheNearestFlag) {
  Values v;
  const auto [code, text] = parse(v, {"m", "--output_strid3=8"});
  EXPECT_EQ(code, kUsage);
  EXPECT_EQ(text,
            "error: monolite demo\n  found     the unknown flag --output_strid3\n  expected  a flag of this verb\n"
            "  to mend   did you mean --output_stride?\n");
}

TEST(Args, SaysWhatIsWrongWithAValue) {
  Values v;
  EXPECT_EQ(parse(v, {"m", "--output_stride=eight"}).second,
            "error: --output_stride\n  found     \"eight\"\n  expected  a whole number\n");
  EXPECT_EQ(parse(v, {"m", "--output_stride"}).first, kUsage);
  EXPECT_EQ(parse(v, {"m", "--dry_run=maybe"}).first, kUsage);
  EXPECT_EQ(parse(v, {"m", "--output"}).first, kUsage);
  EXPECT_EQ(parse(v, {"m", "n"}).second,
            "error: monolite demo\n  found     \"n\" too many\n  expected  1 argument(s)\n  to mend   monolite demo "
            "MODEL [flags]\n");
  EXPECT_EQ(
      parse(v, {}).second,
      "error: monolite demo\n  found     no MODEL\n  expected  a file\n  to mend   monolite demo MODEL [flags]\n");
}

TEST(Args, PrefixesMustBeUnique) {
  Values v;
  EXPECT_EQ(parse(v, {"m", "--o=1"}).second,
            "error: --o\n  found     the beginning of several flags\n  expected  --output_stride, --output\n");
}

TEST(Args, MayOnlyWarn) {
  Values v;
  const auto [code, text] = parse(v, {"m", "--use_magic=1"}, true);
  EXPECT_EQ(code, -1);
  EXPECT_NE(text.find("warning: unconsumed flag --use_magic=1"), std::string::npos);
}

TEST(Args, HelpWinsOverWhatIsMissing) {
  Values v;
  EXPECT_EQ(parse(v, {"--help"}).first, kYes);
}

}  // namespace
}  // namespace monolite::cli

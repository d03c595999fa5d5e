#include "workers.h"

// First: in C++20, Clang wants IValue complete where torch's other headers use it.
#include <ATen/core/ivalue.h>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <torch/types.h>
#include <unistd.h>
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>

#include "base/text.h"

namespace monolite::train {
namespace {

constexpr std::chrono::minutes kMeeting{2}, kLongestStep{30};

// The first line of what torch says, which goes on with its own call stack.
std::string first_line(const std::string& text) { return printable(text.substr(0, text.find('\n'))); }

class GlooWorkers final : public Workers {
 public:
  GlooWorkers(const WorkerPlace& place, c10::intrusive_ptr<c10d::ProcessGroupGloo> group)
      : place_(place), group_(std::move(group)) {}

  int rank() const override { return place_.rank; }
  int size() const override { return place_.size; }

  Expected<void> average(std::span<float> values) override {
    ML_TRY(reduce(values, c10d::ReduceOp::SUM));
    for (float& v : values) v /= static_cast<float>(place_.size);
    return {};
  }
  Expected<void> maximum(std::span<float> values) override { return reduce(values, c10d::ReduceOp::MAX); }

 private:
  Expected<void> reduce(std::span<float> values, c10d::ReduceOp::RedOpType how) {
    try {
      std::vector<at::Tensor> all{
          torch::from_blob(values.data(), {static_cast<int64_t>(values.size())}, torch::kFloat)};
      c10d::AllreduceOptions options;
      options.reduceOp = how;
      group_->allreduce(all, options)->wait();
      return {};
    } catch (const std::exception& e) {
      return Unexpected(input_error(fmt::format("worker {} of {}", place_.rank, place_.size),
                                    "another worker is gone: " + first_line(e.what()), "all of them until the end",
                                    "the same command goes on from the last checkpoint"));
    }
  }

  WorkerPlace place_;
  c10::intrusive_ptr<c10d::ProcessGroupGloo> group_;
};

}  // namespace

Expected<std::unique_ptr<Workers>> Workers::join(const WorkerPlace& place) {
  try {
    c10d::TCPStoreOptions store_options;
    store_options.port = static_cast<uint16_t>(place.port);
    store_options.isServer = place.rank == 0;
    store_options.numWorkers = static_cast<size_t>(place.size);
    store_options.timeout = kMeeting;
    const auto store = c10::make_intrusive<c10d::TCPStore>(place.address, store_options);
    const auto options = c10d::ProcessGroupGloo::Options::create(kLongestStep);
    const bool is_local = place.address == "127.0.0.1" || place.address == "localhost";
    options->devices.push_back(is_local ? c10d::ProcessGroupGloo::createDeviceForHostname("127.0.0.1")
                                        : c10d::ProcessGroupGloo::createDefaultDevice());
    auto group = c10::make_intrusive<c10d::ProcessGroupGloo>(store, place.rank, place.size, options);
    return std::make_unique<GlooWorkers>(place, std::move(group));
  } catch (const std::exception& e) {
    return Unexpected(input_error(fmt::format("worker {} of {}", place.rank, place.size), first_line(e.what()),
                                  fmt::format("{} workers that meet at {}:{}", place.size, place.address, place.port),
                                  "check MASTER_ADDR, MASTER_PORT, RANK and WORLD_SIZE of each"));
  }
}

int free_port() {
  const int s = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  int port = WorkerPlace{}.port;
  if (::bind(s, reinterpret_cast<sockaddr*>(&address), length) == 0 &&
      ::getsockname(s, reinterpret_cast<sockaddr*>(&address), &length) == 0)
    port = ntohs(address.sin_port);
  ::close(s);
  return port;
}

}  // namespace monolite::train

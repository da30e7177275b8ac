// What a channel costs, in nanoseconds of processor time.
//
//     taskset -c 0 build/release/bin/channel-benchmark
//
// The command pins it to one core, to compare with Go's benchmarks under GOMAXPROCS=1.  The fibers
// run on the scheduler that the stages use.
#include <benchmark/benchmark.h>

#include <boost/fiber/fiber.hpp>
#include <cstddef>
#include <thread>

#include "common/channel/channel.hpp"
#include "common/fibers/scheduler.hpp"

using namespace rendezvous;

namespace {

// The two kinds of task.  The task that runs the benchmark becomes one of that kind.
struct on_fibers {
    using task = boost::fibers::fiber;
    on_fibers() { plain_thread = false; }
};

struct on_threads {
    class task {
    public:
        template <class F>
        explicit task(F f)
            : thread_([f] {
                  plain_thread = true;
                  f();
              }) {}
        void join() { thread_.join(); }

    private:
        std::thread thread_;
    };
    on_threads() { plain_thread = true; }
};

// There and back: two handoffs, and each of the two tasks waits once.
template <class Kind>
void ping_pong(benchmark::State& state) {
    const Kind self;
    channel<int> ping, pong;
    typename Kind::task partner([&] {
        for (const int ball : ping) pong.send(ball);
    });
    for (auto _ : state) {
        ping.send(1);
        benchmark::DoNotOptimize(pong.receive());
    }
    ping.close();
    partner.join();
}

// One way, as fast as possible, through a channel with capacity state.range(0).
template <class Kind>
void stream(benchmark::State& state) {
    const Kind self;
    channel<int> values(static_cast<std::size_t>(state.range(0)));
    typename Kind::task drain([&] {
        for (const int value : values) benchmark::DoNotOptimize(value);
    });
    for (auto _ : state) values.send(1);
    values.close();
    drain.join();
}

// Three senders, and one receiver that takes from any of them by select.
template <class Kind>
void three_way_select(benchmark::State& state) {
    const Kind self;
    const auto capacity = static_cast<std::size_t>(state.range(0));
    channel<int> a(capacity), b(capacity), c(capacity);
    const auto send_until_closed = [](channel<int>& out) {
        try {
            for (;;) out.send(1);
        } catch (const closed_channel&) {}
    };
    typename Kind::task to_a([&] { send_until_closed(a); });
    typename Kind::task to_b([&] { send_until_closed(b); });
    typename Kind::task to_c([&] { send_until_closed(c); });
    const auto take = [](int value) { benchmark::DoNotOptimize(value); };
    for (auto _ : state) select(on_receive(a, take), on_receive(b, take), on_receive(c, take));
    for (auto* out : {&a, &b, &c}) out->close();
    for (auto* sender : {&to_a, &to_b, &to_c}) sender->join();
}

BENCHMARK(ping_pong<on_fibers>);
BENCHMARK(stream<on_fibers>)->Arg(0)->Arg(64);
BENCHMARK(three_way_select<on_fibers>)->Arg(0)->Arg(64);
BENCHMARK(ping_pong<on_threads>)->MeasureProcessCPUTime()->UseRealTime();
BENCHMARK(stream<on_threads>)->Arg(0)->Arg(64)->MeasureProcessCPUTime()->UseRealTime();
BENCHMARK(three_way_select<on_threads>)->Arg(0)->Arg(64)->MeasureProcessCPUTime()->UseRealTime();

}  // namespace

int main(int argc, char** argv) {
    fibers::use_fibers();
    benchmark::Initialize(&argc, argv);
    benchmark::RunSpecifiedBenchmarks();
}

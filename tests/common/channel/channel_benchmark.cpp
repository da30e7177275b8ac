// What a channel costs: nanoseconds for each value that crosses.
//
//     taskset -c 0 build/release/bin/channel-benchmark
//
// Both routines of a pair run on one core there, as Go's do under GOMAXPROCS=1.
#include <benchmark/benchmark.h>

#include <array>
#include <boost/fiber/fiber.hpp>
#include <cstddef>
#include <thread>

#include "common/channel/channel.hpp"

using namespace rendezvous;

namespace {

// The two kinds of routine; the benchmark's own loop is one of them.
struct fibers {
    using routine = boost::fibers::fiber;
    static void become_one() { plain_thread = false; }
};
struct threads {
    class routine {
    public:
        template <class F>
        explicit routine(F f)
            : thread_([f] {
                  plain_thread = true;
                  f();
              }) {}
        void join() { thread_.join(); }

    private:
        std::thread thread_;
    };
    static void become_one() { plain_thread = true; }
};

// There and back: two values, and each of the routines sleeps once.
template <class Kind>
void ping_pong(benchmark::State& state) {
    Kind::become_one();
    channel<int> ping;
    channel<int> pong;
    typename Kind::routine partner([&] {
        for (const int ball : ping) pong.send(ball);
    });
    for (auto _ : state) {
        ping.send(1);
        benchmark::DoNotOptimize(pong.receive());
    }
    ping.close();
    partner.join();
    state.SetItemsProcessed(2 * state.iterations());
}

// One way, as fast as it goes, with state.range(0) values in between.
template <class Kind>
void stream(benchmark::State& state) {
    Kind::become_one();
    channel<int> values(static_cast<std::size_t>(state.range(0)));
    typename Kind::routine drain([&] {
        for (const int value : values) benchmark::DoNotOptimize(value);
    });
    for (auto _ : state) values.send(1);
    values.close();
    drain.join();
    state.SetItemsProcessed(state.iterations());
}

// Three senders, and one who takes from whoever is first.
template <class Kind>
void three_way_select(benchmark::State& state) {
    Kind::become_one();
    const auto capacity = static_cast<std::size_t>(state.range(0));
    channel<int> a(capacity), b(capacity), c(capacity);
    const auto send_until_closed = [](channel<int>& out) {
        try {
            for (;;) out.send(1);
        } catch (const closed_channel&) {}
    };
    typename Kind::routine to_a([&] { send_until_closed(a); });
    typename Kind::routine to_b([&] { send_until_closed(b); });
    typename Kind::routine to_c([&] { send_until_closed(c); });
    const auto take = [](int value) { benchmark::DoNotOptimize(value); };
    for (auto _ : state) select(on_receive(a, take), on_receive(b, take), on_receive(c, take));
    for (auto* out : {&a, &b, &c}) out->close();
    for (auto* sender : {&to_a, &to_b, &to_c}) sender->join();
    state.SetItemsProcessed(state.iterations());
}

BENCHMARK(ping_pong<fibers>)->UseRealTime();
BENCHMARK(ping_pong<threads>)->UseRealTime();
BENCHMARK(stream<fibers>)->Arg(0)->Arg(64)->UseRealTime();
BENCHMARK(stream<threads>)->Arg(0)->Arg(64)->UseRealTime();
BENCHMARK(three_way_select<fibers>)->Arg(0)->Arg(64)->UseRealTime();
BENCHMARK(three_way_select<threads>)->Arg(0)->Arg(64)->UseRealTime();

}  // namespace

BENCHMARK_MAIN();

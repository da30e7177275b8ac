// Many tasks at once, under as much load as the machine allows.  No value is dropped or duplicated,
// whichever task closes a channel, gives up, or is late.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <vector>

#include "common/channel/channel.hpp"
#include "tests/common/channel/kit.hpp"

using namespace std::chrono_literals;

namespace rendezvous::testing {
namespace {

// Here the channels have the default policy, as in the stages, and not the one that counts.
template <class T>
using default_channel = rendezvous::channel<T>;

class Stress : public Tasks {};
INSTANTIATE_TEST_SUITE_P(On, Stress, every_kind, kind_name);

// All the values that were sent and received, compared without regard to their order.
class ledger {
public:
    explicit ledger(std::size_t tasks) : sent_(tasks), received_(tasks) {}
    std::vector<int>& sent(std::size_t task) { return sent_.at(task); }
    std::vector<int>& received(std::size_t task) { return received_.at(task); }
    void expect_balance() { EXPECT_EQ(all(sent_), all(received_)); }

private:
    static std::vector<int> all(const std::vector<std::vector<int>>& parts) {
        std::vector<int> whole;
        for (const auto& part : parts) whole.insert(whole.end(), part.begin(), part.end());
        std::sort(whole.begin(), whole.end());
        return whole;
    }
    std::vector<std::vector<int>> sent_, received_;
};

TEST_P(Stress, ManyToManyTransferSurvivesACloseInTheMiddle) {
    constexpr int tasks = 4;
    for (const std::size_t capacity : {0U, 3U}) {
        default_channel<int> c(capacity);
        ledger book(tasks);
        std::atomic<int> count = 0;
        for (int r = 0; r < tasks; ++r) {
            go([&, r, &sent = book.sent(static_cast<std::size_t>(r))] {
                try {
                    for (int i = r; i < 100'000; i += tasks) {
                        c.send(i);
                        sent.push_back(i);
                        if (++count == 4'000) c.close();
                    }
                } catch (const closed_channel&) {}
            });
            go([&, &received = book.received(static_cast<std::size_t>(r))] {
                for (const int i : c) received.push_back(i);
            });
        }
        join();
        EXPECT_GE(count, 4'000);
        book.expect_balance();
    }
}

TEST_P(Stress, SelectsOverManyChannelsDropAndDuplicateNothing) {
    // Every task may send and receive on every channel, by select, with timeouts of all lengths.
    constexpr int tasks = 4;
    constexpr int each = 1'500;
    default_channel<int> a, b(1), c(2);
    ledger book(tasks);
    std::atomic<int> left = tasks * each;
    for (int r = 0; r < tasks; ++r) {
        go([&, r, &sent = book.sent(static_cast<std::size_t>(r)),
            &received = book.received(static_cast<std::size_t>(r))] {
            int next = r;
            const auto got = [&](int i) {
                received.push_back(i);
                --left;
            };
            const auto done = [&] {
                sent.push_back(next);
                next += tasks;
            };
            while (left > 0) {
                const bool more = next < tasks * each;
                select(on_receive(a, got), on_receive(b, got), on_receive(c, got),
                       on_send(more ? &a : nullptr, next, done),
                       on_send(more ? &b : nullptr, next, done),
                       on_send(more ? &c : nullptr, next, done),
                       after(std::chrono::microseconds((next * 7 + r) % 40)));
            }
        });
    }
    join();
    EXPECT_EQ(left, 0);
    book.expect_balance();
}

// Timeouts of 0 to 3 microseconds, hardly ever as long as the one before.
class patience {
public:
    std::chrono::nanoseconds next() {
        ++tries_;
        return std::chrono::nanoseconds(tries_ % 3 == 0 ? 0 : tries_ * 97 % 3'000);
    }

private:
    int tries_ = 0;
};

TEST_P(Stress, TimeoutsThatRaceWithSendsDropAndDuplicateNothing) {
    default_channel<int> c;
    constexpr int values = 2'000;
    std::atomic<int> gave_up = 0;
    // Now and then, a task has other work, for about as long as its peer takes to give up: a thread
    // wakes up some 50 microseconds after its deadline.
    const auto work = [](int i) {
        if (i % 16 != 0) return;
        const auto time = std::chrono::microseconds(i * 7 % 110);
        const auto end = std::chrono::steady_clock::now() + time;
        while (std::chrono::steady_clock::now() < end) {}
        yield();
    };
    go([&] {
        patience sender;
        for (int i = 0; i < values || gave_up == 0;) {
            select(on_send(c, i, [&] { work(++i); }), after(sender.next(), [&] { ++gave_up; }));
        }
        c.close();
    });
    patience receiver;
    int expected = 0;
    const auto take = [&](int i) {
        EXPECT_EQ(i, expected++);
        work(3 * i);
    };
    while (select(on_receive(c, take), after(receiver.next(), [&] { ++gave_up; }))) {}
    EXPECT_GE(expected, values);
    join();
}

TEST_P(Stress, SelectsOnBothSidesOfTheSameChannelsDoNotDeadlock) {
    // The two tasks list the channels in opposite orders.  If each locked them in that order, they
    // would deadlock.
    default_channel<int> a, b;
    constexpr int rounds = 5'000;
    std::atomic<int> sent = 0, received = 0;
    go([&] {
        for (int i = 0; i < rounds; ++i)
            select(on_send(a, i, [&] { ++sent; }), on_receive(b, [&](int) { ++received; }));
    });
    go([&] {
        for (int i = 0; i < rounds; ++i)
            select(on_send(b, i, [&] { ++sent; }), on_receive(a, [&](int) { ++received; }));
    });
    join();
    EXPECT_EQ(sent, rounds);
    EXPECT_EQ(received, rounds);
}

TEST_P(Stress, ClientChannelsComeAndGoWhileTheBroadcasterSends) {
    // The shape of the chat server: each client's channel lives on the stack of its handler.  The
    // broadcaster closes it when the client leaves, the writer drains it, and the handler destroys
    // it.
    using outgoing = default_channel<int>;
    default_channel<outgoing*> entering, leaving;
    default_channel<int> messages;
    constexpr int clients = 12, each = 20;
    go([&] {
        std::vector<outgoing*> present;
        while (select(on_receive(messages,
                                 [&](int m) {
                                     for (auto* client : present) client->send(m);
                                 }),
                      on_receive(entering, [&](outgoing* client) { present.push_back(client); }),
                      on_receive(leaving, [&](outgoing* client) {
                          std::erase(present, client);
                          client->close();
                      }))) {}
        EXPECT_TRUE(present.empty());
    });
    std::atomic<int> heard = 0, gone = 0;
    const auto handle_client = [&](int number) {
        outgoing mine(static_cast<std::size_t>(number % 3));
        const auto write = [&] {
            for ([[maybe_unused]] const int m : mine) ++heard;
        };
        const auto talk = [&] {
            entering.send(&mine);
            for (int i = 0; i < each; ++i) messages.send(i);
            leaving.send(&mine);
        };
        if (plain_thread) {
            std::thread writer([&] {
                plain_thread = true;
                write();
            });
            talk();
            writer.join();
        } else {
            boost::fibers::fiber writer(write);
            talk();
            writer.join();
        }
    };
    for (int number = 0; number < clients; ++number) {
        go([&, number] {
            handle_client(number);
            if (++gone == clients) messages.close();
        });
    }
    join();
    EXPECT_GE(heard, clients * each) << "a client did not hear its own messages";
}

}  // namespace
}  // namespace rendezvous::testing

// What the compiler sees: names, types, and POSIX's select beside ours.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/select.h>

#include <algorithm>
#include <any>
#include <memory>
#include <ranges>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>

#include "common/channel/channel.hpp"

using namespace rendezvous;

namespace {

static_assert(!std::is_copy_constructible_v<channel<int>> &&
              !std::is_copy_assignable_v<channel<int>>);
static_assert(!std::is_move_constructible_v<channel<int>> &&
              !std::is_move_assignable_v<channel<int>>);
static_assert(!std::is_convertible_v<int, channel<int>>, "a number is not a channel");
static_assert(std::ranges::input_range<channel<std::string>>);
static_assert(std::is_same_v<channel<int>::value_type, int>);
static_assert(std::is_base_of_v<std::logic_error, closed_channel>);

// A select uses its cases up.  A case with a name could be used twice, so select refuses it.
template <class Case>
concept selectable = requires(Case&& c) {
    rendezvous::select(std::forward<Case>(c));
};
using a_case = decltype(on_receive(std::declval<channel<int>&>()));
static_assert(selectable<a_case> && !selectable<a_case&>);

TEST(Surface, OurSelectIsFoundBesidePosix) {
    channel<int> c(1);
    int received = 0;
    select(on_send(c, 7));
    select(on_receive(c, [&](int i) { received = i; }), otherwise());
    EXPECT_EQ(received, 7);

    timeval at_once{};
    EXPECT_EQ(select(0, nullptr, nullptr, nullptr, &at_once), 0);  // theirs
}

}  // namespace

namespace somewhere_else {

void select(const char*);  // hides all others but those in the namespace of the arguments

TEST(Surface, OurSelectIsFoundByItsArguments) {
    rendezvous::channel<int> c(1);
    EXPECT_TRUE(select(on_send(c, 7), otherwise()));
    EXPECT_EQ(c.size(), 1U);
}

}  // namespace somewhere_else

namespace {

TEST(Surface, AnyCallableIsAHandler) {
    struct counter {
        int sum = 0;
        void add(int i) { sum += i; }
    } all;
    channel<int> c(1);
    c.send(1);
    select(on_receive(c, [&, owned = std::make_unique<int>(10)](int i) { all.add(i + *owned); }));
    EXPECT_EQ(all.sum, 11);
}

TEST(Surface, HandlerThatTakesAnAnyGetsTheValue) {
    channel<std::any> c(1);
    c.send(7);
    int received = 0;
    select(on_receive(c, [&](const std::any& value) { received = std::any_cast<int>(value); }));
    EXPECT_EQ(received, 7);
    c.close();
    EXPECT_FALSE(select(on_receive(c, [](const std::any&) { FAIL() << "there is no value"; })));
}

TEST(Surface, ChannelIsARange) {
    channel<int> c(5);
    for (const int i : {1, 2, 3, 4, 5}) c.send(i);
    const auto third = std::ranges::find(c, 3);
    EXPECT_EQ(*third, 3);
    EXPECT_EQ(c.size(), 2U) << "the search received more than it needed";
}

TEST(Surface, ErrorsNameTheOperation) {
    channel<int> c;
    c.close();
    const auto message = [](auto f) -> std::string {
        try {
            f();
        } catch (const closed_channel& e) {
            return e.what();
        }
        return "none";
    };
    EXPECT_EQ(message([&] { c.send(1); }), "send on a closed channel");
    EXPECT_EQ(message([&] { c.close(); }), "close of a closed channel");
}

}  // namespace

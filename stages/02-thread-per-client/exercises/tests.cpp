// The tests that decide the exercise of stage 02.
#include <gmock/gmock.h>

#include <algorithm>
#include <string>

#include "tests/harness/server_test.hpp"

namespace rendezvous::harness {
namespace {

constexpr std::size_t most = 2'000;

class Limit : public server_test {
protected:
    void SetUp() override {
        talk.look_first_at(
            "the loop that accepts clients: it must know how many are being "
            "served before it starts a thread for one more, and it must get "
            "each place back once, however its client leaves.");
    }

    // Connects many clients that stay, and has each of them served.
    void fill(crowd& all, std::size_t many) {
        std::size_t served = 0;
        all.on_line = [&](crowd::member&, std::string_view line) {
            served += line == "Hello!";
        };
        for (std::size_t i = 0; i < many; ++i)
            all.send_line(all.add(), "Hello!");
        all.until(
            "each of " + std::to_string(many) + " clients hears what it said",
            [&] { return served == many; }, 60s);
        all.on_line = nullptr;
    }

    // This client sends nothing: unread bytes would turn the end of file into a
    // reset.
    void expect_refusal(const std::string& name) {
        auto& one = connect(name);
        one.expect_line("too many clients");
        one.expect_end();
    }
};

TEST_F(Limit, ServerRefusesClient2001AndServesTheOthers) {
    must_end_within = 10s;
    start({.descriptors = 2 * most});
    crowd all(talk, server().where(), crowd::no_lines);
    fill(all, most);
    for (int i = 0; i < 10; ++i) expect_refusal("one more");
    std::size_t served = 0;
    all.on_line = [&](crowd::member&, std::string_view line) {
        served += line == "Still here.";
    };
    for (auto& one : all.members()) all.send_line(one, "Still here.");
    all.until(
        "the 2,000 clients are served as before",
        [&] { return served == most; }, 60s);
}

TEST_F(Limit, ClientThatLeavesMakesRoomForAnother) {
    talk.look_first_at(
        "where a place is given back: when the client has left, however it "
        "left.");
    must_end_within = 10s;
    start({.descriptors = 2 * most});
    crowd all(talk, server().where(), crowd::no_lines);
    fill(all, most);
    expect_refusal("one more");
    all.half_close(all.members().front());
    all.reset(all.members().back());
    all.until("the client that half-closed sees the end",
              [&] { return all.members().front().ended; });
    // The server may notice only a moment later that they have left.
    for (int room = 0; room < 2; ++room) {
        const bool served = comes_to([&] {
            auto& one = connect("newcomer");
            one.send_line("Hello!");
            return one.try_read_line(5s) == "Hello!";
        });
        if (!served)
            talk.fail(
                "2 of 2,000 clients have left, and the server then had "
                "room for " +
                std::to_string(room) + ".");
    }
    expect_refusal("one more");
}

}  // namespace
}  // namespace rendezvous::harness

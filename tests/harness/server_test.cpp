#include "tests/harness/server_test.hpp"

#include <algorithm>
#include <csignal>

#include "tests/harness/last_words.hpp"
#include "tests/harness/text.hpp"

namespace rendezvous::harness {

void server_test::SetUp() {
    const auto* info = testing::UnitTest::GetInstance()->current_test_info();
    if (const auto* what = capability_of_suite(info->test_suite_name()))
        talk.look_first_by_default_at(what->look_at);
}

server_process& server_test::start(server_options options) {
    const auto look_at = options.look_at;
    try {
        server_ = std::make_unique<server_process>(current_settings(), std::move(options));
    } catch (const setup_error& why) {
        talk.look_first_at(look_at);
        talk.fail(why.what());
    }
    talk.watch(&server_->program());
    return *server_;
}

server_process& server_test::server() { return server_ ? *server_ : start(); }

std::unique_ptr<server_process> server_test::take_server() {
    talk.watch(nullptr);
    return std::move(server_);
}

void server_test::start_afresh() {
    here_.clear();
    clients_.clear();
    take_server();
    talk.start_over();
}

void server_test::TearDown() {
    if (!server_ || HasFailure()) return;
    const auto& program = server_->program();
    if (program.status()) talk.fail_client("no client may cause that.");
    if (!current_settings().as_own()) {
        // A foreign server promises nothing about how it exits.
        server_->stop(200ms);
        return;
    }
    talk.told_to_end();
    auto status = server_->stop(must_end_within);
    talk.look_first_at(find_capability("shutdown")->look_at);
    if (!status) fail_to_end(must_end_within, "SIGTERM");
    expect_clean_end(*status, "SIGTERM");
    talk.look_first_at(
        "which stream the server prints to: everything but that line goes to standard error.");
    if (auto lines = split_lines(program.out()); lines.size() != 1)
        talk.fail(
            "The server must print `listening on HOST:PORT` on standard output and nothing else, "
            "but it printed: `" +
            readable(program.out(), 400) + "`.");
}

void server_test::fail_to_end(milliseconds within, const std::string& signal) {
    talk.show_threads();
    talk.fail("The server has not exited " +
              seconds(std::chrono::duration<double>(deadline(within).span()).count()) + " after " +
              signal + ".");
}

// A crash is reported as a crash: it has nothing to do with the status that main() returns.
void server_test::expect_clean_end(int status, const std::string& signal) {
    const auto& errors = server().program().err();
    if (exited_with(status, 0) && sanitizer_complaint(errors).empty()) return;
    if (last_words_of(errors, status)) {
        talk.told_to_end(false);
        talk.fail_end(status, "it was asked to shut down by " + signal +
                                  ", and must do so with exit status 0.");
    }
    talk.look_first_at(what_an_end_is);
    talk.fail("The server must exit with status 0 after " + signal +
              ", but it ended with: " + describe_status(status) + ".");
}

client& server_test::connect(const std::string& name, client_options options) {
    return clients_.emplace_back(talk, name, server().where(), options);
}

client& server_test::enter(const std::string& name, client_options options) {
    auto& newcomer = connect(name, options);
    newcomer.expect_greeting();
    newcomer.send_line("Hello!");
    newcomer.expect_line(newcomer.who() + ": Hello!");
    for (auto* other : here_)
        if (other->reads())
            other->expect_lines({newcomer.who() + " has arrived", newcomer.who() + ": Hello!"});
    here_.push_back(&newcomer);
    return newcomer;
}

void server_test::say(client& speaker, std::string_view line) {
    speaker.send_line(line);
    all_see(speaker.who() + ": " + std::string(line));
}

void server_test::all_see(const std::string& line) {
    for (auto* one : here_)
        if (one->reads()) one->expect_line(line);
}

void server_test::forget(client& one) { here_.remove(&one); }

void server_test::leave(client& one) {
    one.half_close();
    one.read_until_end();
    forget(one);
    all_see(one.who() + " has left");
}

void server_test::judge(const std::string& capability, const std::function<observation()>& probe) {
    const auto& settings = current_settings();
    auto promised = settings.stage ? settings.stage->says(capability) : promise::holds;

    observation saw;
    bool reported = true;  // false if the probe failed instead of returning an observation
    talk.keep_to_yourself(true);
    try {
        saw = probe();
    } catch (const mismatch& failure) {
        // The failure is reported in the words that any other test would use.
        saw = {observation::otherwise, failure.headline()};
        reported = false;
    }
    talk.keep_to_yourself(false);

    auto result = harness::judge(capability, promised, saw, settings.foreign);
    const char* ranks[] = {"as promised", "as missing", "better", "worse", "otherwise"};
    RecordProperty("verdict", ranks[result.rank]);
    RecordProperty("story", talk.named(saw.story));
    if (result.rank == verdict::better)
        talk.look_first_at(
            "stage.json: either it must say \"holds\", or the test no longer observes what the "
            "notes describe.");
    if (!result.passes && promised == promise::holds && reported && settings.stage &&
        !settings.foreign && !settings.task && find_capability(capability)->observable)
        talk.look_first_at(talk.look_first() +
                           "  If the stage is meant to do this, its stage.json must say \"" +
                           capability + "\": \"missing\".");
    if (!result.passes)
        talk.fail(!reported                    ? saw.story
                  : promised == promise::holds ? capitalised(saw.story)
                                               : result.sentence);
}

bool server_test::comes_to(const std::function<bool()>& holds) {
    patience_for patience(&server().program(), 10s);
    while (!eventually(50ms, holds))
        if (patience.over()) return holds();
    return true;
}

void server_test::expect_tasks(const std::string& expected) {
    auto& program = server().program();
    std::string answer;
    const auto asked = [&] {
        const auto lines = program.err_lines();
        program.signal(SIGQUIT);
        if (!eventually(10s, [&] { return program.err_lines() > lines; })) return true;
        answer = split_lines(program.err()).back();
        return answer == expected;
    };
    eventually(10s, asked);
    talk.look_first_at(
        "which tasks there are (Ctrl-\\ lists them at any time), and whether all tasks that serve "
        "a client end when it has left.");
    if (answer != expected)
        talk.fail("Asked for its tasks (SIGQUIT), the server must answer `" + expected + "`, but " +
                  (answer.empty() ? "it said nothing." : "it answered `" + answer + "`."));
}

void server_test::expect_service() {
    client stranger(talk, "stranger " + std::to_string(++strangers_), server().where());
    if (current_settings().server_kind() == kind::echo) {
        stranger.send_line("Hello!");
        stranger.expect_line("Hello!");
        stranger.half_close();
        stranger.expect_end();
        return;
    }
    auto hello = stranger.who() + ": Hello!";
    stranger.expect_greeting();
    stranger.send_line("Hello!");
    stranger.read_until(hello);
    for (auto* other : here_)
        if (other->reads()) other->read_until(hello);
    stranger.half_close();
    stranger.read_until_end();
    for (auto* other : here_)
        if (other->reads()) other->read_until(stranger.who() + " has left");
}

}  // namespace rendezvous::harness

// The fixture of every test that talks to a server: a fresh server for each test, clients by name,
// and a look at how the server ended.
#pragma once
#include <gtest/gtest.h>

#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>

#include "tests/harness/capability.hpp"
#include "tests/harness/client.hpp"
#include "tests/harness/conversation.hpp"
#include "tests/harness/crowd.hpp"
#include "tests/harness/server_process.hpp"
#include "tests/harness/settings.hpp"

namespace rendezvous::harness {

class server_test : public testing::Test {
protected:
    void SetUp() override;
    // The server must still be there.  One of the course's own must then end with status 0, in
    // time, with nothing but its `listening on` line on standard output and no word from a
    // sanitizer.
    void TearDown() override;

    // Starts it; server() does so by itself for whoever needs nothing special.
    server_process& start(server_options = {});
    server_process& server();
    bool started() const { return server_ != nullptr; }
    // Takes it away from TearDown, for tests that end it themselves.
    std::unique_ptr<server_process> take_server();

    // Forgets that server and its clients, in a test that needs one after another.
    void start_afresh();

    // A connection, and nothing more.
    client& connect(const std::string& name, client_options = {});
    // A client of a chat that certainly is there: it has been greeted, has said `Hello!` and seen
    // that come back, and so have all others who are there and read.
    client& enter(const std::string& name, client_options = {});
    // A line of this client, seen by all who are there and read.
    void say(client& speaker, std::string_view line);
    // All who are there and read see this next.
    void all_see(const std::string& line);
    // From now on it is not one of those who are there.
    void forget(client&);
    // It says no more, hears the end, and the others see it leave.
    void leave(client&);

    // What a test saw against what the stage says of itself.
    void judge(const std::string& capability, const std::function<observation()>& probe);

    // Waits for something that the server is to do where no client sees it; false if it does not,
    // be it that the time is over or that the server has nothing to do any more.
    bool comes_to(const std::function<bool()>& holds);

    // Asked who runs (SIGQUIT), it soon answers this: a task begins a moment after it was made,
    // and ends a moment after its last word was heard.
    void expect_tasks(const std::string& expected);

    // A new client is served: what was done to the server has not harmed it.
    void expect_service();

    // The status of a server that was told to exit by this signal: "SIGTERM", "Ctrl-C".
    void expect_clean_end(int status, const std::string& signal);
    [[noreturn]] void fail_to_end(milliseconds within, const std::string& signal);

    // What to look at where the status is another than 0.
    static constexpr const char* what_an_end_is =
        "what main() returns after a signal: an end that was asked for is no failure, and what is "
        "thrown on the way there has to be caught.";

    conversation talk;
    // 10 s with thousands of clients or a reader that does not read.
    milliseconds must_end_within = 5s;

private:
    std::unique_ptr<server_process> server_;
    std::list<client> clients_;
    std::list<client*> here_;
    int strangers_ = 0;
};

}  // namespace rendezvous::harness

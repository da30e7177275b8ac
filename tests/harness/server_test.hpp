// The fixture of every test that talks to a server: a new server for each test, clients with names,
// and a check of how the server exits.
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
    // The server must still be running.  A server of the course must then exit with status 0, in
    // time, with nothing but its `listening on` line on standard output, and without a report from
    // a sanitizer.
    void TearDown() override;

    // Starts the server.  server() does so by itself, with the default options.
    server_process& start(server_options = {});
    server_process& server();
    bool started() const { return server_ != nullptr; }
    // For tests that shut the server down themselves: TearDown then leaves it alone.
    std::unique_ptr<server_process> take_server();

    // Forgets the server and its clients, for a test that needs several servers in turn.
    void start_afresh();

    // Connects a client, which neither sends nor reads anything yet.
    client& connect(const std::string& name, client_options = {});
    // Connects a client of a chat that has certainly entered: it has been greeted, has sent
    // `Hello!` and received it back, and so have all clients that have entered and read.
    client& enter(const std::string& name, client_options = {});
    // The client sends a line, and all clients that have entered and read receive it.
    void say(client& speaker, std::string_view line);
    // All clients that have entered and read receive this line next.
    void all_see(const std::string& line);
    // From now on the functions above pass this client over.
    void forget(client&);
    // The client half-closes and reads to the end of file, and the others see it leave.
    void leave(client&);

    // Compares what a test observed with what the stage's manifest says.
    void judge(const std::string& capability, const std::function<observation()>& probe);

    // Waits for something that the server must do but no client can see.  Returns false if the time
    // is over, or if the server has nothing to do any more.
    bool comes_to(const std::function<bool()>& holds);

    // Asks the server for its tasks (SIGQUIT) until it gives this answer.  A task starts shortly
    // after it is created, and ends shortly after the client has received its last line.
    void expect_tasks(const std::string& expected);

    // The server serves a new client, so whatever the test did has not harmed the server.
    void expect_service();

    // Checks the status of a server that this signal told to exit: "SIGTERM", "Ctrl-C".
    void expect_clean_end(int status, const std::string& signal);
    [[noreturn]] void fail_to_end(milliseconds within, const std::string& signal);

    // The hint for a status other than 0.
    static constexpr const char* what_an_end_is =
        "what main() returns after a signal: a requested shutdown is not a failure, and main() "
        "must catch whatever is thrown during it.";

    conversation talk;
    // Tests with thousands of clients, or with a client that does not read, allow 10 s.
    milliseconds must_end_within = 5s;

private:
    std::unique_ptr<server_process> server_;
    std::list<client> clients_;
    std::list<client*> here_;
    int strangers_ = 0;
};

}  // namespace rendezvous::harness

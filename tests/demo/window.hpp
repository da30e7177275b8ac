// A window in which a person talks to the server, through the course's netcat.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "tests/demo/stillness.hpp"
#include "tests/harness/client.hpp"
#include "tests/harness/conversation.hpp"
#include "tests/harness/process.hpp"
#include "tests/harness/server_process.hpp"

namespace rendezvous::demo {

using namespace std::chrono_literals;

// What all windows of a demo share.
struct house {
    house(const harness::server_process& started, std::string netcat_program)
        : server(started.program()),
          where(started.where()),
          netcat(std::move(netcat_program)),
          sockets(server.socket_inodes().size()),
          programs{&server} {}
    house(const house&) = delete;

    const harness::process& server;
    harness::address where;      // on which the server listens
    std::string netcat;          // the program
    std::size_t sockets;         // of the server while no client is connected
    processes programs;          // the server, and the netcat of each window
    harness::conversation talk;  // the log of a scene, printed if the scene fails

    // What a person types to open a window.
    std::string command() const { return "./course chat localhost " + std::to_string(where.port); }
    // Waits until all programs have finished what they were doing.
    void settle() const { demo::settle(programs); }
    // Starts a new scene: waits until the server has no connection left.
    void begin_again();
};

class window {
public:
    window(house&, const std::string& name);
    ~window();
    window(const window&) = delete;

    const std::string& name() const { return name_; }
    const std::string& who() const { return who_; }  // its address, once it has been greeted

    // The next line must be this one, and is returned.  Otherwise the conversation fails.
    std::string sees(const std::string& line);
    std::string is_greeted();  // `You are ...`; afterwards the client has entered
    // All lines until each of these has come, or until the window closes.
    std::vector<std::string> sees_all(std::vector<std::string> wanted);
    std::vector<std::string> sees_until_end();
    // The next line, or nothing once all programs have slept for this long.
    std::optional<std::string> next_line(milliseconds slept = 1000ms);

    void types(const std::string& line) { client_.send_line(line); }
    void presses_ctrl_c();  // netcat ends
    void presses_ctrl_d();  // netcat half-closes
    void presses_ctrl_z();  // netcat stops
    void types_fg();        // netcat continues
    void closes_by_itself();

private:
    [[noreturn]] void missed(const std::string& expected) const;

    house& house_;
    std::string name_, who_;
    harness::process program_;
    harness::client client_;
};

}  // namespace rendezvous::demo

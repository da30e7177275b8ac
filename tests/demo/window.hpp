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
          everybody{&server} {}
    house(const house&) = delete;

    const harness::process& server;
    harness::address where;      // it listens
    std::string netcat;          // the program
    std::size_t sockets;         // of a server that is alone
    processes everybody;         // the server, and whoever talks to it through a window
    harness::conversation talk;  // what was said and heard in a scene, for when it goes wrong

    // What a person types to open a window.
    std::string command() const { return "./course chat localhost " + std::to_string(where.port); }
    // Waits until all that was about to happen has happened.
    void settle() const { demo::settle(everybody); }
    // A new scene, in an empty house: waits until the server has let go of everybody.
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
    std::string is_greeted();  // `You are ...`, and then it is there
    // All lines until each of these has come, or until the window closes.
    std::vector<std::string> sees_all(std::vector<std::string> wanted);
    std::vector<std::string> sees_until_end();
    // Whether the next line comes; it does not if everybody has slept for so long.
    std::optional<std::string> next_line(milliseconds slept = 1000ms);

    void types(const std::string& line) { client_.send_line(line); }
    void presses_ctrl_c();  // netcat is gone
    void presses_ctrl_d();  // ... says that no more is typed
    void presses_ctrl_z();  // ... stands still
    void types_fg();        // ... goes on
    void closes_by_itself();

private:
    [[noreturn]] void missed(const std::string& expected) const;

    house& house_;
    std::string name_, who_;
    harness::process program_;
    harness::client client_;
};

}  // namespace rendezvous::demo

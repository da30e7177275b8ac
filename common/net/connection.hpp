// A client's connection: a tcp::socket with a name, which its listener can shut down.
#pragma once
#include <atomic>
#include <boost/asio/ip/tcp.hpp>
#include <list>
#include <mutex>
#include <optional>
#include <string>

namespace rendezvous {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

// All open connections of a listener.
class connections {
public:
    // Ends every connection, and each one that is made later: its reader sees the end of file, and
    // its writer an error.  May be called from any thread while others read and write, because it
    // only shuts the sockets down.  Closing them is left to their owners: the kernel gives the
    // number of a closed descriptor to the next file or socket, and a thread that still used it
    // would read or write that stranger.
    void hang_up();

private:
    friend class connection;
    using handles = std::list<tcp::socket::native_handle_type>;

    std::mutex mutex_;
    handles open_;
    bool hung_up_ = false;
};

// Its listener knows it from its construction to its destruction, which alone closes it.
class connection : public tcp::socket {
public:
    connection(tcp::socket socket, std::string peer_name, connections& all);
    connection(connection&& other) noexcept;
    connection& operator=(connection&&) = delete;
    ~connection();

    // The client's address as the server sees it: 127.0.0.1:64208.
    const std::string& peer_name() const { return peer_name_; }

    // The kernel reports a broken connection only once.  When a writer asks first, the reader
    // beside it sees an end of file instead, and would take half a line for the client's last line.
    // So a writer notes what it was told, and a reader at the end of file asks `was_reset()`.
    //
    // A writer on a thread of its own keeps the lock from before it writes until it has noted the
    // result, so that a reader cannot ask in between.
    std::unique_lock<std::mutex> lock_for_writing() { return std::unique_lock(writing_); }
    void note_write(const error_code& result);
    bool was_reset();

    // If an exception destroys the connection, it moves here instead of being closed, so that its
    // client can still be told.
    void rescue_to(std::optional<connection>& rescued) { rescued_ = &rescued; }

private:
    std::string peer_name_;
    std::mutex writing_;
    std::atomic<bool> was_reset_{false};
    std::optional<connection>* rescued_ = nullptr;
    connections* all_;  // null in an object that was moved from
    connections::handles::iterator self_;
};

}  // namespace rendezvous

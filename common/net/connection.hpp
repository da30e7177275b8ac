// A client's connection: a tcp::socket with a name, which its listener can hang up on.
#pragma once
#include <boost/asio/ip/tcp.hpp>
#include <list>
#include <mutex>
#include <string>

namespace rendezvous {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

// All connections of a listener that are open.
class connections {
public:
    // Each one is at its end of file now, and writing to it fails; so is each that comes later.
    // Any thread may call it, while others read and write: it shuts down, which is safe beside a
    // pending read or write, and leaves closing to the owner, which is not (the number of a closed
    // descriptor is used again, and the stranger who got it would be hit).
    void hang_up();

private:
    friend class connection;
    using handles = std::list<tcp::socket::native_handle_type>;

    std::mutex mutex_;
    handles open_;
    bool hung_up_ = false;
};

// Known to its listener from the making to the end, and closed by its owner's destructor only.
class connection : public tcp::socket {
public:
    connection(tcp::socket socket, std::string peer_name, connections& all);
    connection(connection&& other) noexcept;
    connection& operator=(connection&&) = delete;
    ~connection();

    // The client's address as the server sees it: 127.0.0.1:64208.
    const std::string& peer_name() const { return peer_name_; }

    // What looks like an end of file was a reset.  A socket tells of its reset only once, and if a
    // writer has been told, a reader beside it sees an end of file.
    bool was_reset() const;

private:
    std::string peer_name_;
    connections* all_;  // null when moved from
    connections::handles::iterator self_;
};

}  // namespace rendezvous

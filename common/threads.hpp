// What a server on threads is made of: listener, connection, group, lines, write_line, server_main.
// common/fibers.hpp has the same names for fibers.  Both also offer what every server needs of Asio
// and of the standard library, so that a stage's text begins with its lesson.
#pragma once
#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>
#include <functional>
#include <string>
#include <utility>

#include "common/app/group.hpp"
#include "common/app/server_main.hpp"
#include "common/threads/lines.hpp"
#include "common/threads/listener.hpp"
#include "common/threads/thread.hpp"

namespace rendezvous::threads {

namespace asio = boost::asio;
using rendezvous::connection;
using rendezvous::error_code;
using rendezvous::server_main;

using group = basic_group<thread>;

}  // namespace rendezvous::threads

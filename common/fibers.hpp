// What a server on fibers is made of: listener, connection, group, lines, write_line, server_main.
// common/threads.hpp has the same names for threads.  Both also offer what every server needs of
// Asio and of the standard library, so that a stage's text begins with its lesson.
#pragma once
#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>
#include <functional>
#include <string>
#include <utility>

#include "common/app/group.hpp"
#include "common/app/server_main.hpp"
#include "common/fibers/fiber.hpp"
#include "common/fibers/lines.hpp"
#include "common/fibers/listener.hpp"
#include "common/fibers/use_fiber.hpp"

namespace rendezvous::fibers {

namespace asio = boost::asio;
using rendezvous::connection;
using rendezvous::error_code;
using rendezvous::server_main;

using group = basic_group<fiber>;

}  // namespace rendezvous::fibers

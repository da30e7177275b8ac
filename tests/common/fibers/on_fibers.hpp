// Runs a test in a thread of fibers that ends with it.
#pragma once
#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <thread>

#include "common/fibers/scheduler.hpp"

namespace rendezvous::fibers {

using io_pointer = std::shared_ptr<boost::asio::io_context>;

inline void on_fibers(const std::function<void(io_pointer)>& body) {
    std::thread([&] { body(use_fibers()); }).join();
}

}  // namespace rendezvous::fibers

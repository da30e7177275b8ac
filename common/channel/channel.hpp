// Go-like channels and `select`, for threads and for fibers.
//
//     channel<std::string> messages;     // each send meets a receive
//     channel<std::string> outgoing(8);  // up to 8 values lie in between
//
//     messages.send("hello");            // waits for a receiver
//     while (select(
//         on_receive(messages, [&](std::string line) { ... }),
//         on_receive(entering, [&](client c) { ... }))) {
//     }                                  // until one of them is closed
#pragma once
#include "common/channel/basic_channel.hpp"  // channel
#include "common/channel/select.hpp"         // select and its cases

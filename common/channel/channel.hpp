// Go-like channels and `select`, for threads and for fibers.
//
//     channel<std::string> messages;     // a send waits for a receive, and a receive for a send
//     channel<std::string> outgoing(8);  // a buffer: a send waits only while it holds 8 values
//
//     messages.send("hello");
//     while (select(
//         on_receive(messages, [&](std::string line) { ... }),
//         on_receive(entering, [&](client c) { ... }))) {
//     }                                  // ends when one of the two is closed
#pragma once
#include "common/channel/basic_channel.hpp"  // channel
#include "common/channel/select.hpp"         // select and its cases

// The heavy headers, compiled once for all files that use them.
#pragma once
#include <algorithm>
#include <array>
#include <boost/asio.hpp>
#include <boost/circular_buffer.hpp>
#include <boost/fiber/all.hpp>
#include <chrono>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

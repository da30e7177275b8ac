// Boost.Asio, compiled once (BOOST_ASIO_SEPARATE_COMPILATION), so that a stage compiles in seconds.
#include <boost/asio/impl/src.hpp>

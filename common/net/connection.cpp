#include "common/net/connection.hpp"

#include <sys/socket.h>

#include <boost/asio/error.hpp>
#include <exception>
#include <utility>

namespace rendezvous {

void connections::hang_up() {
    std::lock_guard lock(mutex_);
    hung_up_ = true;
    for (const auto handle : open_) ::shutdown(handle, SHUT_RDWR);
}

connection::connection(tcp::socket socket, std::string peer_name, connections& all)
    : tcp::socket(std::move(socket)), peer_name_(std::move(peer_name)), all_(&all) {
    std::lock_guard lock(all_->mutex_);
    self_ = all_->open_.insert(all_->open_.end(), native_handle());
    if (all_->hung_up_) ::shutdown(native_handle(), SHUT_RDWR);
}

connection::connection(connection&& other) noexcept
    : tcp::socket(std::move(other)),
      peer_name_(std::move(other.peer_name_)),
      was_reset_(other.was_reset_.load()),
      rescued_(std::exchange(other.rescued_, nullptr)),
      all_(std::exchange(other.all_, nullptr)),
      self_(other.self_) {}

connection::~connection() {
    if (!all_) return;
    if (auto* const rescued = std::exchange(rescued_, nullptr);
        rescued && std::uncaught_exceptions() > 0) {
        rescued->emplace(std::move(*this));
        return;
    }
    std::lock_guard lock(all_->mutex_);  // hang_up must not find the number of a closed descriptor
    all_->open_.erase(self_);
    error_code ec;
    close(ec);
}

// A broken pipe is no news: the client had said that it would send no more, or we had shut down.
void connection::note_write(const error_code& result) {
    if (result && result != asio::error::broken_pipe) was_reset_ = true;
}

bool connection::was_reset() {
    error_code ec;
    remote_endpoint(ec);
    if (ec != asio::error::not_connected) return false;  // a half-close: writing goes on, or waits
    std::lock_guard no_writer(writing_);  // a write to a connection that is gone returns at once
    return was_reset_;
}

}  // namespace rendezvous

#include "common/net/connection.hpp"

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
      all_(std::exchange(other.all_, nullptr)),
      self_(other.self_) {}

connection::~connection() {
    if (!all_) return;
    std::lock_guard lock(all_->mutex_);  // hang_up must not find a number that is closed
    all_->open_.erase(self_);
    error_code ec;
    close(ec);
}

bool connection::was_reset() const {
    error_code ec;
    remote_endpoint(ec);  // after an end of file there still is one, after a reset there is not
    return ec == asio::error::not_connected;
}

}  // namespace rendezvous

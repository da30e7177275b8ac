# The same room, but nobody locks it.
/std::lock_guard lock(mutex_);/d

# The same room without its locks.
/std::lock_guard lock(mutex_);/d

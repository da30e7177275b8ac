#include "tests/harness/watchdog.hpp"

#include <cstdlib>
#include <iostream>

#include "tests/harness/process.hpp"
#include "tests/harness/text.hpp"

namespace rendezvous::harness {

watchdog::watchdog(std::chrono::seconds limit) : limit_(limit), watcher_([this] { watch(); }) {}

watchdog::~watchdog() {
    {
        std::lock_guard lock(mutex_);
        over_ = true;
    }
    changed_.notify_all();
    watcher_.join();
}

void watchdog::OnTestStart(const testing::TestInfo& test) { set_test(test.name()); }
void watchdog::OnTestEnd(const testing::TestInfo&) { set_test(""); }

void watchdog::set_test(std::string name) {
    {
        std::lock_guard lock(mutex_);
        test_ = std::move(name);
        ++tests_;
    }
    changed_.notify_all();
}

void watchdog::watch() {
    std::unique_lock lock(mutex_);
    for (;;) {
        const auto seen = tests_;
        const auto changed = [&] { return over_ || tests_ != seen; };
        if (test_.empty()) {
            changed_.wait(lock, changed);
        } else if (!changed_.wait_for(lock, limit_, changed)) {
            break;
        }
        if (over_) return;
    }
    const auto threads = what_all_threads_do();
    std::cout << "  TIMEOUT  " << sentence(test_) << "\n\n"
              << wrapped("The test had not ended after " +
                             counted(static_cast<std::size_t>(limit_.count()), "second") + ".",
                         80, 10)
              << (threads.empty()
                      ? ""
                      : "\n          What the server's threads did then:\n" + indented(threads, 14))
              << std::flush;
    end_all_processes();
    std::_Exit(EXIT_FAILURE);
}

}  // namespace rendezvous::harness

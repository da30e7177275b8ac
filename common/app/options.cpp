#include "common/app/options.hpp"

#include <CLI/CLI.hpp>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>

namespace rendezvous {
namespace {

// CLI11 alone would read 0x50 as a port, and 010 as port 8.
std::string decimal_port(const std::string& text) {
    const bool digits = !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
    if (digits && text.size() <= 5 && std::stoi(text) <= 65'535) return {};
    return "'" + text + "' is not a port: a number from 0 to 65535";
}

std::string host_name(const std::string& text) {
    return text.empty() ? "'' is not the name of a host" : std::string{};
}

[[noreturn]] void exit_after_mistake(const char* program, const std::string& mistake) {
    const auto name = std::filesystem::path(program).filename().string();
    std::fprintf(stderr, "%s: %s (try --help)\n", name.c_str(), mistake.c_str());
    std::exit(2);
}

address parse(CLI::App& app, int argc, const char* const* argv, const char* host_option,
              const char* port_option, const char* port_help) {
    address where;
    std::string port = std::to_string(where.port);
    app.add_option(host_option, where.host, "the host's name or address")
        ->check(CLI::Validator(host_name, ""))
        ->type_name("NAME")
        ->capture_default_str();
    app.add_option(port_option, port, port_help)
        ->check(CLI::Validator(decimal_port, ""))
        ->type_name("N")
        ->capture_default_str();
    try {
        app.parse(argc, argv);
    } catch (const CLI::CallForHelp&) {
        std::fputs(app.help().c_str(), stdout);
        std::exit(0);
    } catch (const CLI::ArgumentMismatch& mistake) {  // "--port: 1 required N missing"
        const std::string what = mistake.what();
        exit_after_mistake(argv[0], what.substr(0, what.find(':')) + " takes one value");
    } catch (const CLI::ParseError& mistake) {
        exit_after_mistake(argv[0], mistake.what());
    }
    where.port = static_cast<std::uint16_t>(std::stoi(port));
    return where;
}

}  // namespace

address server_options(int argc, const char* const* argv) {
    CLI::App app("Listens on HOST:PORT and serves until Ctrl-C.");
    return parse(app, argc, argv, "--host", "--port", "the port to listen on; 0 takes a free one");
}

address client_options(int argc, const char* const* argv) {
    CLI::App app("Talks to HOST:PORT: sends what you type, prints what comes back.");
    return parse(app, argc, argv, "host", "port", "the port to connect to");
}

}  // namespace rendezvous

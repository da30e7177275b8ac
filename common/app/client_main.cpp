#include "common/app/client_main.hpp"

#include <boost/asio/io_context.hpp>
#include <cstdio>
#include <exception>

#include "common/app/options.hpp"
#include "common/app/process.hpp"
#include "common/net/connecting.hpp"

namespace rendezvous {

int client_main(int argc, char** argv, void (*talk)(tcp::socket&)) {
    try {
        open_standard_descriptors();
        const auto where = client_options(argc, argv);
        asio::io_context io;  // every socket of Asio's has one; this one is never run
        auto conn = connect(io, where);
        talk(conn);
        return 0;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 1;
    }
}

}  // namespace rendezvous

// SPDX-License-Identifier: MIT
#include "db/mariadb/cluster.h"

#include "base/cat.h"
#include "base/text.h"

namespace dbfixture::mariadb {

std::uint64_t writes_of_others(Session& session) {
    if (session.server().cluster.empty()) return 0;
    const Result found = session.run("SHOW GLOBAL STATUS LIKE 'wsrep_received'");
    return found.rows() == 0 ? 0 : static_cast<std::uint64_t>(found.integer(0, 1));
}

bool describe_cluster_error(ServerError& error, std::string_view shown) {
    if (error.number == kNodeNotReady && error.words.starts_with("WSREP")) {
        error.kind = ErrorKind::kBusy;
        error.message = cat("the server of ", quote(shown, 200), " is cut off from its cluster, or is joining it");
        error.hint = "run the command again when it is ready, or name another node of the cluster";
        return true;
    }
    if (error.number == kUnknownError && error.words.find("writeset size") != std::string::npos) {
        error.message = cat("the transaction is larger than the cluster of ", quote(shown, 200), " takes at once");
        error.hint =
            "have it sent in parts (SET GLOBAL wsrep_trx_fragment_size = 1000000, which are bytes), or raise "
            "wsrep_max_ws_size";
        return true;
    }
    return false;
}

}  // namespace dbfixture::mariadb

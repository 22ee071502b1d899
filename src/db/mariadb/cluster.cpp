// SPDX-License-Identifier: MIT
#include "db/mariadb/cluster.h"

#include "base/cat.h"
#include "base/text.h"

namespace dbfixture::mariadb {

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
            "have it sent in parts (SET GLOBAL wsrep_trx_fragment_unit = 'rows', wsrep_trx_fragment_size = 1000), or "
            "raise wsrep_max_ws_size";
        return true;
    }
    return false;
}

}  // namespace dbfixture::mariadb

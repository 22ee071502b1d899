// SPDX-License-Identifier: MIT
// A database as a copy of another on the same server.
//
//  1. It bears its mark from the statement that makes it: nobody ever meets one that is ours and does not say so.
//  2. Tables are made as the server describes them, with their keys and counters, and then filled in one transaction,
//     which locks the rows that it reads (in_locking_transaction()): so they are one view. Who writes waits, who has
//     written and not committed is waited for. Nothing about the definitions may have changed by the end of it.
//  3. Rows are taken as they are, whatever the original would refuse today; and they are not followed: neither foreign
//     keys, nor checks, nor triggers, which come behind the rows (clone_programs.h).
//  4. Tables that lead to rows elsewhere (FEDERATED ...) are left out and named: the copy must not write there.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "db/location.h"
#include "db/mariadb/clone_server.h"

namespace dbfixture::mariadb {

struct CloneRequest {
    Location original;
    bool empty = false;  // nothing of it but its character set, if it is there
    std::string name, mark;
    int busy_timeout_ms = 5000;
    std::function<void()> may_be_left{};  // called if it failed, and may be there even so
};

// What fails leaves nothing behind. Appends to `warnings` what is other than in the original. Throws kNotFound; kBusy,
// naming who has written and not committed; kFailure, with what to do, for a right that is missing; kInterrupted.
void clone_database(CloneServer& server, const CloneRequest& request, std::vector<std::string>& warnings);

}  // namespace dbfixture::mariadb

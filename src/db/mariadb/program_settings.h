// SPDX-License-Identifier: MIT
// The settings of a session under which views and programs are made: each under those that it was made under before.
#pragma once

#include <string>

#include "db/mariadb/clone_source.h"
#include "db/mariadb/session.h"

namespace dbfixture::mariadb {

class ProgramSettings {
  public:
    // `collation`: of the session's database, which is changed for a while where a program was made under another.
    ProgramSettings(Session& session, std::string database, std::string collation)
        : session_(session), database_(std::move(database)), own_(std::move(collation)), collation_(own_) {}
    ProgramSettings(const ProgramSettings&) = delete;
    ProgramSettings& operator=(const ProgramSettings&) = delete;
    ~ProgramSettings();

    void set(const Definition& definition);
    // Back to the session's own. Throws Error.
    void end();

  private:
    void set_collation(const std::string& collation);

    Session& session_;
    std::string database_, own_, collation_;
    std::string last_{};
};

// The statement that makes a view, a program or a trigger in the session's database. Where a trigger's beginning names
// a database, it would be made there; and another trigger that it names may not be there yet.
std::string making(const Definition& definition);

}  // namespace dbfixture::mariadb

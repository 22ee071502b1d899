require "minitest/autorun"
require "sqlite3"

require_relative "dbfixture"

DBFIXTURE = Dbfixture.new("-d", "guests.db")
DBFIXTURE.call("push", "--anew", "tests", "guests")
Minitest.after_run { DBFIXTURE.call("pop", "tests") }

class GuestsTest < Minitest::Test
  DATABASE = SQLite3::Database.new("guests.db")

  def teardown
    DBFIXTURE.call("reset")
  end

  def value(sql, *values) = DATABASE.get_first_value(sql, values)

  %w[cy dee eve].each do |name|
    define_method("test_that_#{name}_is_the_third_guest") do
      DATABASE.execute("INSERT INTO guests (name) VALUES (?)", [name])
      assert_equal 3, DATABASE.last_insert_row_id
      assert_equal 3, value("SELECT count(*) FROM guests")
    end
  end

  def test_that_ann_was_here_once
    DATABASE.execute("INSERT INTO visits (guest_id, day) VALUES (2, '2026-05-02')")
    assert_equal 1, value("SELECT count(*) FROM visits WHERE guest_id = 1")
    assert_equal 2, value("SELECT max(id) FROM visits")
  end

  def test_that_all_may_go
    DATABASE.execute_batch("DELETE FROM visits; DELETE FROM guests; DROP TABLE visits")
    assert_equal 0, value("SELECT count(*) FROM guests")
  end
end

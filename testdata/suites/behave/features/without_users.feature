Feature: Without the users of other features

  Scenario: Nobody is there
    When ann tries to buy 1 tea
    Then it is refused
    And there are 0 users in all

  Scenario: A user who comes by a table
    Given these users
      | id | name | credit |
      | 7  | ann  | 10     |
    When ann buys 1 tea
    Then it is order 1
    And there are 1 users in all

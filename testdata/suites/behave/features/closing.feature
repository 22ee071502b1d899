@fixtures.users @fixtures.orders
Feature: Closing, which would disturb every other feature

  Scenario: All that was sold
    Then there are 2 orders in all
    And there are 2 users in all
    And there are 2 products in all

  Scenario: The shop closes
    When the shop closes for good
    Then there are 0 products in all

  Scenario: Nothing of that is left
    Then there are 2 orders in all
    And 5 tea are left
    When bo buys 1 tea
    Then it is order 12

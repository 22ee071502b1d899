@fixtures.users
Feature: Buying

  Background:
    Given these products
      | name  | stock |
      | bread | 3     |

  Scenario: An order takes from the stock
    When ann buys 2 bread
    Then it is order 1
    And 1 bread are left
    And there are 1 orders in all

  Scenario: The stock is there again
    When bo buys 3 bread
    Then it is order 1
    And 0 bread are left

  Scenario Outline: <user> buys <quantity> <product>
    When <user> buys <quantity> <product>
    Then it is order 1
    And <left> <product> are left

    Examples:
      | user | quantity | product | left |
      | ann  | 5        | tea     | 0    |
      | bo   | 4        | tea     | 1    |
      | bo   | 2        | cups    | 0    |

  @fixtures.orders
  Scenario: With orders from before
    When ann buys 1 tea
    Then it is order 12
    And there are 3 orders in all

  @fixtures.orders
  Scenario: What is left of it in the database
    When bo buys 2 cups
    Then the products are
      | name  | stock |
      | tea   | 5     |
      | cups  | 0     |
      | bread | 3     |
    And the orders are
      | user_id | product_id | quantity | updated_at |
      | 1       | 1          | 1        | never      |
      | 2       | anything   | 1        | never      |
      | 2       | 2          | 2        | never      |

  Scenario: More than there is
    When ann tries to buy 4 bread
    Then it is refused
    And 3 bread are left
    And there are 0 orders in all

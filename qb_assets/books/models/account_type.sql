-- QuickBooks' types of accounts, and where each stands in the statements.
--
-- Grain: one row a type of account (Intuit, the Account object: AccountType).
--
-- Columns:
--   account_type VARCHAR: The type, as an account says it.
--   classification VARCHAR: Asset, Liability, Equity, Revenue or Expense.
--   statement VARCHAR: The statement it stands in: balance_sheet or profit_and_loss.
--   section VARCHAR: The part of the statement, named as the group of rows in QuickBooks' report.
--   section_order INTEGER: The place of the part in its statement, from 1.
--   cash_flow_section VARCHAR: The part of the cash flow that a change of its accounts is told in:
--     cash, operating, investing or financing; empty for what makes up the net income.
--   normal_side VARCHAR: The side its balance is on: debit or credit.

SELECT * FROM (VALUES
    ('Bank', 'Asset', 'balance_sheet', 'BankAccounts', 1, 'cash', 'debit'),
    ('Accounts Receivable', 'Asset', 'balance_sheet', 'AR', 2, 'operating', 'debit'),
    ('Other Current Asset', 'Asset', 'balance_sheet', 'OtherCurrentAssets', 3,
        'operating', 'debit'),
    ('Fixed Asset', 'Asset', 'balance_sheet', 'FixedAssets', 4, 'investing', 'debit'),
    ('Other Asset', 'Asset', 'balance_sheet', 'OtherAssets', 5, 'investing', 'debit'),
    ('Accounts Payable', 'Liability', 'balance_sheet', 'AP', 6, 'operating', 'credit'),
    ('Credit Card', 'Liability', 'balance_sheet', 'CreditCards', 7, 'operating', 'credit'),
    ('Other Current Liability', 'Liability', 'balance_sheet', 'OtherCurrentLiabilities', 8,
        'operating', 'credit'),
    ('Long Term Liability', 'Liability', 'balance_sheet', 'LongTermLiabilities', 9,
        'financing', 'credit'),
    ('Equity', 'Equity', 'balance_sheet', 'Equity', 10, 'financing', 'credit'),
    ('Income', 'Revenue', 'profit_and_loss', 'Income', 1, NULL, 'credit'),
    ('Cost of Goods Sold', 'Expense', 'profit_and_loss', 'COGS', 2, NULL, 'debit'),
    ('Expense', 'Expense', 'profit_and_loss', 'Expenses', 3, NULL, 'debit'),
    ('Other Income', 'Revenue', 'profit_and_loss', 'OtherIncome', 4, NULL, 'credit'),
    ('Other Expense', 'Expense', 'profit_and_loss', 'OtherExpenses', 5, NULL, 'debit')
) AS types (account_type, classification, statement, section, section_order, cash_flow_section,
    normal_side)

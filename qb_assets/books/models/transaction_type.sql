-- What QuickBooks' reports call the kinds of transactions, and which entity holds each.
--
-- The names are those of reports in English (Intuit, the TransactionList report and the filter
-- transaction_type of reports; the reports of its sample company).
--
-- Grain: one row a name in reports.
--
-- Columns:
--   report_txn_type VARCHAR: The name in reports.
--   txn_type VARCHAR: The entity; empty for what no entity of the API holds.

SELECT * FROM (VALUES
    ('Invoice', 'Invoice'),
    ('Sales Receipt', 'SalesReceipt'),
    ('Credit Memo', 'CreditMemo'),
    ('Refund', 'RefundReceipt'),
    ('Refund Receipt', 'RefundReceipt'),
    ('Payment', 'Payment'),
    ('Receive Payment', 'Payment'),
    ('Bill', 'Bill'),
    ('Vendor Credit', 'VendorCredit'),
    ('Bill Payment', 'BillPayment'),
    ('Bill Payment (Check)', 'BillPayment'),
    ('Bill Payment (Credit Card)', 'BillPayment'),
    ('Bill Payment (Cash)', 'BillPayment'),
    ('Check', 'Purchase'),
    ('Expense', 'Purchase'),
    ('Cash Expense', 'Purchase'),
    ('Cash Purchase', 'Purchase'),
    ('Credit Card Expense', 'Purchase'),
    ('Credit Card Charge', 'Purchase'),
    ('Credit Card Credit', 'Purchase'),
    ('Deposit', 'Deposit'),
    ('Transfer', 'Transfer'),
    ('Journal Entry', 'JournalEntry'),
    ('Credit Card Payment', 'CreditCardPayment'),
    ('Credit Card Pmt', 'CreditCardPayment'),
    ('Inventory Qty Adjust', 'InventoryAdjustment'),
    ('Inventory Adjustment', 'InventoryAdjustment'),
    ('Inventory Starting Value', NULL),
    ('Payroll Check', NULL),
    ('Paycheck', NULL),
    ('Payroll Adjustment', NULL),
    ('Payroll Refund', NULL),
    ('Tax Payment', NULL),
    ('Sales Tax Payment', NULL),
    ('Sales Tax Adjustment', NULL),
    ('Global Tax Payment', NULL),
    ('Global Tax Adjustment', NULL),
    ('Statement Charge', NULL),
    ('Billable Expense Charge', NULL),
    ('Time Charge', NULL),
    ('Currency Revaluation', NULL),
    ('Exchange Rate Gain or Loss', NULL)
) AS types (report_txn_type, txn_type)

-- The transactions that QuickBooks holds as documents and that post, with what all of them have.
--
-- Grain: one row a company, entity and document that is not deleted.
--
-- Columns:
--   _company VARCHAR: The realm Id.
--   txn_type VARCHAR: The entity.
--   txn_id VARCHAR: Its Id.
--   txn_date DATE: The day it is posted on.
--   due_date DATE: The day it is to be paid on; of invoices, bills and credit memos.
--   doc_number VARCHAR: The number people see.
--   customer_id VARCHAR: The customer it is for.
--   vendor_id VARCHAR: The vendor it is of.
--   employee_id VARCHAR: The employee who was paid.
--   department_id VARCHAR: The location.
--   currency VARCHAR: The currency of its amounts.
--   exchange_rate DECIMAL(38,10): Home currency per unit of it; 1 where it says nothing.
--   total DECIMAL(38,10): The total in its currency; 0 for journal entries.
--   balance DECIMAL(38,10): What QuickBooks says is not yet paid or not yet used of it, in its
--     currency; empty for kinds without such a figure.
--   account_id VARCHAR: The account at its head, where it names one.
--   memo VARCHAR: The note on it.
--   is_voided BOOLEAN: Whether it is voided.
--   changed_at TIMESTAMP WITH TIME ZONE: When QuickBooks changed it last.

WITH documents AS (
    SELECT
        _company, 'Invoice' AS txn_type, id AS txn_id, txn_date, due_date, doc_number, customer_id,
        NULL AS vendor_id, NULL AS employee_id, department_id, currency_id, exchange_rate,
        total_amt AS total, balance, ar_account_id AS account_id, private_note, _state,
        _changed_at, _deleted
    FROM quickbooks.invoice
    UNION ALL
    SELECT
        _company, 'CreditMemo', id, txn_date, due_date, doc_number, customer_id,
        NULL, NULL, department_id, currency_id, exchange_rate,
        total_amt, coalesce(balance, remaining_credit), ar_account_id, private_note, _state,
        _changed_at, _deleted
    FROM quickbooks.credit_memo
    UNION ALL
    SELECT
        _company, 'SalesReceipt', id, txn_date, NULL, doc_number, customer_id,
        NULL, NULL, department_id, currency_id, exchange_rate,
        total_amt, NULL, deposit_to_account_id, private_note, _state, _changed_at, _deleted
    FROM quickbooks.sales_receipt
    UNION ALL
    SELECT
        _company, 'RefundReceipt', id, txn_date, NULL, doc_number, customer_id,
        NULL, NULL, department_id, currency_id, exchange_rate,
        total_amt, NULL, deposit_to_account_id, private_note, _state, _changed_at, _deleted
    FROM quickbooks.refund_receipt
    UNION ALL
    SELECT
        _company, 'Payment', id, txn_date, NULL, doc_number, customer_id,
        NULL, NULL, department_id, currency_id, exchange_rate,
        total_amt, unapplied_amt, ar_account_id, private_note, _state, _changed_at, _deleted
    FROM quickbooks.payment
    UNION ALL
    SELECT
        _company, 'Bill', id, txn_date, due_date, doc_number, NULL,
        vendor_id, NULL, department_id, currency_id, exchange_rate,
        total_amt, balance, ap_account_id, private_note, _state, _changed_at, _deleted
    FROM quickbooks.bill
    UNION ALL
    SELECT
        _company, 'VendorCredit', id, txn_date, NULL, doc_number, NULL,
        vendor_id, NULL, department_id, currency_id, exchange_rate,
        total_amt, balance, ap_account_id, private_note, _state, _changed_at, _deleted
    FROM quickbooks.vendor_credit
    UNION ALL
    SELECT
        _company, 'BillPayment', id, txn_date, NULL, doc_number, NULL,
        vendor_id, NULL, department_id, currency_id, exchange_rate,
        total_amt, NULL, ap_account_id, private_note, _state, _changed_at, _deleted
    FROM quickbooks.bill_payment
    UNION ALL
    SELECT
        _company, 'Purchase', id, txn_date, NULL, doc_number,
        CASE WHEN entity_type = 'Customer' THEN entity_id END,
        CASE WHEN entity_type = 'Vendor' THEN entity_id END,
        CASE WHEN entity_type = 'Employee' THEN entity_id END,
        department_id, currency_id, exchange_rate,
        total_amt, NULL, account_id, private_note, _state, _changed_at, _deleted
    FROM quickbooks.purchase
    UNION ALL
    SELECT
        _company, 'Deposit', id, txn_date, NULL, doc_number, NULL,
        NULL, NULL, department_id, currency_id, exchange_rate,
        total_amt, NULL, deposit_to_account_id, private_note, _state, _changed_at, _deleted
    FROM quickbooks.deposit
    UNION ALL
    SELECT
        _company, 'Transfer', id, txn_date, NULL, doc_number, NULL,
        NULL, NULL, department_id, currency_id, exchange_rate,
        amount, NULL, from_account_id, private_note, _state, _changed_at, _deleted
    FROM quickbooks.transfer
    UNION ALL
    SELECT
        _company, 'JournalEntry', id, txn_date, NULL, doc_number, NULL,
        NULL, NULL, department_id, currency_id, exchange_rate,
        total_amt, NULL, NULL, private_note, _state, _changed_at, _deleted
    FROM quickbooks.journal_entry
    UNION ALL
    SELECT
        _company, 'CreditCardPayment', id, txn_date, NULL, doc_number, NULL,
        vendor_id, NULL, department_id, currency_id, exchange_rate,
        amount, NULL, credit_card_account_id, private_note, _state, _changed_at, _deleted
    FROM quickbooks.credit_card_payment
    UNION ALL
    SELECT
        _company, 'InventoryAdjustment', id, txn_date, NULL, doc_number, customer_id,
        NULL, NULL, department_id, currency_id, exchange_rate,
        NULL, NULL, adjust_account_id, private_note, _state, _changed_at, _deleted
    FROM quickbooks.inventory_adjustment
)

SELECT
    documents._company,
    documents.txn_type,
    documents.txn_id,
    documents.txn_date,
    documents.due_date,
    documents.doc_number,
    documents.customer_id,
    documents.vendor_id,
    documents.employee_id,
    documents.department_id,
    coalesce(documents.currency_id, company.home_currency) AS currency,
    coalesce(documents.exchange_rate, 1) AS exchange_rate,
    documents.total,
    documents.balance,
    documents.account_id,
    documents.private_note AS memo,
    documents._state = 'voided' AS is_voided,
    documents._changed_at AS changed_at
FROM documents
LEFT JOIN books.company AS company ON company._company = documents._company
WHERE NOT documents._deleted

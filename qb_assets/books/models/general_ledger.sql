-- The ledger of record: QuickBooks' own GeneralLedger report, posting by posting, joined to the
-- documents. What no entity of the API carries is in it: payroll, sales-tax payments, starting
-- values of inventory and other adjustments.
--
-- A posting is joined to the one that is derived from the document if that has the same account and
-- amount, which gives it its line; of several alike each is joined to one.
--
-- Grain: one row a company, accounting method and posting.
--
-- Columns:
--   posting_id VARCHAR: Unique within a company: the method, the transaction, and the month and row
--     of the report (Accrual:Invoice:130:2026-05:17).
--   _company VARCHAR <- reports.general_ledger._company: The realm Id.
--   accounting_method VARCHAR <- reports.general_ledger.accounting_method: Accrual or Cash.
--   txn_type VARCHAR: The entity; what the report calls the transaction if no entity holds it.
--   txn_id VARCHAR <- reports.general_ledger.txn_id: The transaction.
--   txn_date DATE <- reports.general_ledger.txn_date: The day of the posting.
--   month DATE: The first day of its month.
--   doc_number VARCHAR: The number people see.
--   role VARCHAR <- books.posting.role: The part of the document it stands for: control, line,
--     discount, tax, cash_back, cost, stock or exchange; empty without a derived posting.
--   line_position BIGINT <- books.posting.line_position: The place of the line in the document.
--   inner_position BIGINT <- books.posting.inner_position: The place of the line in a bundle.
--   account_id VARCHAR <- reports.general_ledger.account_id: The account.
--   amount DECIMAL(38,10): Home currency, debit positive.
--   currency VARCHAR: The currency of the transaction.
--   exchange_rate DECIMAL(38,10): Home currency per unit of it.
--   foreign_amount DECIMAL(38,10): The amount in the transaction's currency, debit positive; 0
--     where home currency alone is posted; empty where the report was fetched without it.
--   customer_id VARCHAR: The customer.
--   vendor_id VARCHAR: The vendor.
--   employee_id VARCHAR: The employee.
--   item_id VARCHAR: The product or service.
--   quantity DECIMAL(38,10): How many of it.
--   class_id VARCHAR: The class.
--   department_id VARCHAR: The location.
--   tax_rate_id VARCHAR <- books.posting.tax_rate_id: The rate of a tax.
--   description VARCHAR: What the report or the line says.
--   report_txn_type VARCHAR <- reports.general_ledger.txn_type: What the report calls the
--     transaction.
--   row_number BIGINT <- reports.general_ledger.row_number: The row of the report.
--   in_documents BOOLEAN: Whether QuickBooks holds the transaction as a document.

-- A report in another language than English has other names; its transactions are known by Id and
-- day then, if one document alone has these.
WITH unknown AS (
    SELECT DISTINCT report._company, report.txn_type, report.txn_id, report.txn_date
    FROM reports.general_ledger AS report
    LEFT JOIN books.transaction_type AS types ON types.report_txn_type = report.txn_type
    WHERE report.row_kind = 'posting' AND types.report_txn_type IS NULL
),

known AS (
    SELECT
        unknown._company, unknown.txn_type AS report_txn_type, unknown.txn_id, unknown.txn_date,
        min(document.txn_type) AS txn_type
    FROM unknown
    JOIN books.document AS document
        ON
            document._company = unknown._company
            AND document.txn_id = unknown.txn_id
            AND document.txn_date = unknown.txn_date
    GROUP BY unknown._company, unknown.txn_type, unknown.txn_id, unknown.txn_date
    HAVING count(*) = 1
),

named AS NOT MATERIALIZED (
    SELECT
        report.*,
        coalesce(types.txn_type, known.txn_type, report.txn_type) AS entity,
        coalesce(report.debit, 0) - coalesce(report.credit, 0) AS posted
    FROM reports.general_ledger AS report
    LEFT JOIN books.transaction_type AS types ON types.report_txn_type = report.txn_type
    LEFT JOIN known
        ON
            known._company = report._company
            AND known.report_txn_type = report.txn_type
            AND known.txn_id = report.txn_id
            AND known.txn_date = report.txn_date
    WHERE
        report.row_kind = 'posting'
        -- Under "Not Specified" the report tells of transactions that move nothing.
        AND NOT (report.account_id IS NULL AND coalesce(report.debit, report.credit, 0) = 0)
),

-- Postings that are alike are counted, on both sides; most are not, which saves their counting.
-- They are found by one number that is made of what they have in common: that two others have the
-- same by chance costs a little time, and changes nothing.
alike AS (
    SELECT hash(_company, entity, txn_id, account_id, posted) AS mark
    FROM named
    GROUP BY mark, accounting_method
    HAVING count(*) > 1
    UNION
    SELECT hash(_company, txn_type, txn_id, account_id, amount) AS mark
    FROM books.posting
    GROUP BY mark
    HAVING count(*) > 1
),

recorded_places AS (
    SELECT
        _company, accounting_method, month, row_number,
        row_number() OVER (
            PARTITION BY txn_id, account_id, posted, entity, accounting_method, _company
            ORDER BY item_id, class_id, month, row_number
        ) AS place
    FROM named
    WHERE hash(_company, entity, txn_id, account_id, posted) IN (SELECT mark FROM alike)
),

derived_places AS (
    SELECT
        _company, posting_id,
        row_number() OVER (
            PARTITION BY txn_id, account_id, amount, txn_type, _company
            ORDER BY item_id, class_id, line_position, inner_position, posting_id
        ) AS place
    FROM books.posting
    WHERE hash(_company, txn_type, txn_id, account_id, amount) IN (SELECT mark FROM alike)
),

recorded AS (
    SELECT named.*, coalesce(recorded_places.place, 1) AS place
    FROM named
    LEFT JOIN recorded_places
        ON
            recorded_places._company = named._company
            AND recorded_places.accounting_method = named.accounting_method
            AND recorded_places.month = named.month
            AND recorded_places.row_number = named.row_number
),

derived AS (
    SELECT posting.*, coalesce(derived_places.place, 1) AS place
    FROM books.posting AS posting
    LEFT JOIN derived_places
        ON
            derived_places._company = posting._company
            AND derived_places.posting_id = posting.posting_id
)

SELECT
    recorded.accounting_method || ':' || coalesce(recorded.entity, '') || ':'
        || coalesce(recorded.txn_id, '') || ':' || strftime(recorded.month, '%Y-%m') || ':'
        || recorded.row_number AS posting_id,
    recorded._company,
    recorded.accounting_method,
    recorded.entity AS txn_type,
    recorded.txn_id,
    recorded.txn_date,
    CAST(date_trunc('month', recorded.txn_date) AS DATE) AS month,
    coalesce(recorded.doc_num, document.doc_number) AS doc_number,
    derived.role,
    derived.line_position,
    derived.inner_position,
    recorded.account_id,
    CAST(recorded.posted AS DECIMAL(38, 10)) AS amount,
    coalesce(recorded.currency, document.currency, company.home_currency) AS currency,
    coalesce(recorded.exchange_rate, document.exchange_rate, 1) AS exchange_rate,
    CASE
        WHEN
            coalesce(recorded.currency, document.currency, company.home_currency)
            IS NOT DISTINCT FROM company.home_currency
            THEN recorded.posted
        WHEN recorded.foreign_amount IS NOT NULL
            THEN abs(recorded.foreign_amount) * sign(recorded.posted)
        ELSE derived.foreign_amount
    END AS foreign_amount,
    coalesce(recorded.customer_id, derived.customer_id, document.customer_id) AS customer_id,
    coalesce(recorded.vendor_id, derived.vendor_id, document.vendor_id) AS vendor_id,
    coalesce(recorded.employee_id, derived.employee_id, document.employee_id) AS employee_id,
    coalesce(recorded.item_id, derived.item_id) AS item_id,
    coalesce(recorded.quantity, derived.quantity) AS quantity,
    coalesce(recorded.class_id, derived.class_id) AS class_id,
    coalesce(recorded.department_id, derived.department_id, document.department_id)
        AS department_id,
    derived.tax_rate_id,
    coalesce(recorded.memo, derived.description) AS description,
    recorded.txn_type AS report_txn_type,
    recorded.row_number,
    document.txn_id IS NOT NULL AS in_documents
FROM recorded
LEFT JOIN derived
    ON
        derived._company = recorded._company
        AND derived.txn_type = recorded.entity
        AND derived.txn_id = recorded.txn_id
        AND derived.account_id = recorded.account_id
        AND derived.amount = recorded.posted
        AND derived.place = recorded.place
LEFT JOIN books.document AS document
    ON
        document._company = recorded._company
        AND document.txn_type = recorded.entity
        AND document.txn_id = recorded.txn_id
LEFT JOIN books.company AS company ON company._company = recorded._company

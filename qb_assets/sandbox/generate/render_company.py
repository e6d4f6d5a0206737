"""What a company has one or few of: CompanyInfo, Preferences, Budget, Attachable, recurring
transactions."""

from calendar import month_name

from .days import DAY, FOUNDED
from .encode import Fragments, Row, assemble, flag, money, quote
from .model import Sale, Spending
from .render_purchases import bill
from .render_sales import invoice
from .world import World

NAME = "Bayshore Garden & Design Co."
_PLACE = (
    '{"Id":"1","Line1":"123 Sierra Way","City":"San Pablo","CountrySubDivisionCode":"CA",'
    '"PostalCode":"87999","Country":"US","Lat":"36.6788345","Long":"-119.7709127"}'
)
_FEATURES = (
    ("NeoEnabled", "true"),
    ("IndustryType", "Landscaping Services"),
    ("SubscriptionStatus", "PAID"),
    ("OfferingSku", "QuickBooks Online Plus"),
    ("PayrollFeature", "true"),
    ("AccountantFeature", "false"),
)
_BUDGETED = (("services", 4_000), ("design", 9_000), ("landscaping", 12_500), ("rent", 2_400))
_ATTACHED = ("Invoice", "Bill", "Purchase")


def _month(texts: Fragments) -> str:
    """The first month of the fiscal year, by its English name."""
    return month_name[texts.profile.fiscal_year_start]


def company_info(texts: Fragments) -> Row:
    """The one CompanyInfo."""
    values = ",".join(f'{{"Name":"{name}","Value":"{value}"}}' for name, value in _FEATURES)
    parts = [
        f'"CompanyName":{quote(NAME)},"LegalName":{quote(NAME)}',
        f'"CompanyAddr":{_PLACE},"CustomerCommunicationAddr":{_PLACE},"LegalAddr":{_PLACE}',
        '"CustomerCommunicationEmailAddr":{"Address":"office@example.com"}',
        f'"PrimaryPhone":{{}},"CompanyStartDate":"{texts.days[0]}"',
        f'"FiscalYearStartMonth":"{_month(texts)}","Country":"US"',
        '"Email":{"Address":"office@example.com"}',
        '"WebAddr":{},"SupportedLanguages":"en","DefaultTimeZone":"America/Los_Angeles"',
        f'"NameValue":[{values}]',
        texts.listed("1", FOUNDED, FOUNDED, token=4),
    ]
    return "1", assemble(parts, 0), FOUNDED


def preferences(texts: Fragments) -> Row:
    """The one Preferences, after the company's profile."""
    profile = texts.profile
    parts = [
        f'"AccountingInfoPrefs":{{"FirstMonthOfFiscalYear":"{_month(texts)}",'
        '"UseAccountNumbers":false,"TaxYearMonth":"January","ClassTrackingPerTxn":false,'
        f'"ClassTrackingPerTxnLine":{flag(profile.classes > 0)},'
        f'"TrackDepartments":{flag(profile.departments > 0)},"DepartmentTerminology":"Location",'
        '"CustomerTerminology":"Customers"}',
        '"ProductAndServicesPrefs":{"ForSales":true,"ForPurchase":true,'
        f'"QuantityWithPriceAndRate":true,"QuantityOnHand":{flag(profile.inventory)}}}',
        '"SalesFormsPrefs":{"CustomField":[{"CustomField":[{"Name":"SalesFormsPrefs.'
        'SalesCustomName1","Type":"StringType","StringValue":"Crew #"}]}],"AllowDeposit":true,'
        '"AllowDiscount":true,"AllowEstimates":true,"AllowServiceDate":true,'
        '"AllowShipping":false,"CustomTxnNumbers":false,"DefaultTerms":{"value":"3"},'
        '"UsingProgressInvoicing":false}',
        '"VendorAndPurchasesPrefs":{"BillableExpenseTracking":true,"TrackingByCustomer":true}',
        '"TimeTrackingPrefs":{"UseServices":true,"BillCustomers":true,'
        '"ShowBillRateToAll":false,"WorkWeekStartDate":"Monday",'
        '"MarkTimeEntriesBillable":true}',
        f'"TaxPrefs":{{"UsingSalesTax":{flag(profile.tax)},"TaxGroupCodeRef":{{"value":"2"}}}}',
        f'"CurrencyPrefs":{{"MultiCurrencyEnabled":{flag(profile.multi_currency)},'
        '"HomeCurrency":{"value":"USD"}}',
        f'"ReportPrefs":{{"ReportBasis":"{profile.report_basis}",'
        '"CalcAgingReportFromTxnDate":false}',
        '"OtherPrefs":{"NameValue":[{"Name":"SalesFormsPrefs.DefaultCustomerMessage",'
        '"Value":"Thank you for your business!"}]}',
        texts.listed("1", FOUNDED, FOUNDED, token=5),
    ]
    return "1", assemble(parts, 0), FOUNDED


def budget(world: World, texts: Fragments) -> Row:
    """A yearly budget by month for a few accounts."""
    year = texts.days[world.calendar.last][:4]
    details = ",".join(
        f'{{"BudgetDate":"{year}-{month:02d}-01","Amount":{money((base + 37 * month) * 100)},'
        f'"AccountRef":{texts.accounts[world.account(key)]}}}'
        for key, base in _BUDGETED
        for month in range(1, 13)
    )
    parts = [
        f'"Name":"Budget {year}","StartDate":"{year}-01-01","EndDate":"{year}-12-31"',
        '"BudgetType":"ProfitAndLoss","BudgetEntryType":"Monthly","Active":true',
        f'"BudgetDetail":[{details}]',
        texts.listed("1", FOUNDED, FOUNDED, token=1),
    ]
    return "1", assemble(parts, 0), FOUNDED


def attachables(world: World, texts: Fragments) -> list[Row]:
    """Notes and files attached to some documents."""
    rows: list[Row] = []
    latest = world.calendar.last * DAY + DAY - 1
    for entity in _ATTACHED:
        for txn in world.documents.get(entity, [])[::200]:
            number = len(rows) + 1
            record_id = str(200_900_000_000_000_008_540 + number)
            what = (
                f'"Note":{quote(f"This is an attached note: “{entity}” no. {number}")}'
                if number % 2
                else f'"FileName":"receipt {number} – café.pdf","Size":{1000 + number},'
                '"ContentType":"application/pdf","Category":"Receipt"'
            )
            moment = min(txn.created + 120, latest)
            parts = [
                f'"AttachableRef":[{{"EntityRef":{{"value":"{txn.id}","type":"{entity}"}},'
                '"IncludeOnSend":false}]',
                what,
                texts.listed(record_id, moment, moment),
            ]
            rows.append((record_id, assemble(parts, number), moment))
    return rows


def recurring(world: World, texts: Fragments) -> list[Row]:
    """RecurringTransaction: each is wrapped in the kind of what it makes (`{"Bill":{…}}`)."""
    rows: list[Row] = []
    for number, (name, txn) in enumerate(world.templates, start=1):
        last, coming = texts.days[max(0, world.calendar.last - 20)], world.calendar.last + 10
        extra = (
            f'"RecurDataRef":{{"value":"{number}"}},"RecurringInfo":{{"Name":{quote(name)},'
            '"RecurType":"Automated","Active":true,"ScheduleInfo":{"IntervalType":"Monthly",'
            f'"NumInterval":1,"DayOfMonth":1,"PreviousDate":"{last}",'
            f'"NextDate":"{texts.days[coming]}"}}}}'
        )
        body = b"{}"
        if isinstance(txn, Sale):
            body = invoice(txn, texts, extra)
        elif isinstance(txn, Spending):
            body = bill(txn, texts, extra)
        rows.append((txn.id, b'{"%s":%s}' % (txn.entity.encode(), body), txn.updated))
    return rows

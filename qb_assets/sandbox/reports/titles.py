"""The words of reports in the company's language: only ColKeys are the same in all of them."""

from __future__ import annotations

from typing import Literal

Language = Literal["en", "fr"]

_FRENCH = {
    "Date": "Date",
    "Transaction Type": "Type d’opération",
    "Num": "N°",
    "Name": "Nom",
    "Memo/Description": "Note/Description",
    "Split": "Répartition",
    "Account": "Compte",
    "Customer": "Client",
    "Vendor": "Fournisseur",
    "Employee": "Employé",
    "Product/Service": "Produit/Service",
    "Class": "Catégorie",
    "Location": "Lieu",
    "Qty": "Qté",
    "Debit": "Débit",
    "Credit": "Crédit",
    "Amount": "Montant",
    "Balance": "Solde",
    "Currency": "Devise",
    "Exchange Rate": "Taux de change",
    "Foreign Amount": "Montant en devise",
    "Due Date": "Échéance",
    "Past Due": "Retard",
    "Open Balance": "Solde dû",
    "Posting": "Comptabilisé",
    "Total": "Total",
    "Current": "Courant",
    "{} and over": "{} et plus",
    "Beginning Balance": "Solde d’ouverture",
    "Total for {}": "Total pour {}",
    "Total for {} with sub-accounts": "Total pour {} avec sous-comptes",
    "Not Specified": "Non spécifié",
    "TOTAL": "TOTAL",
    "Total {}": "Total {}",
    "Income": "Revenus",
    "Cost of Goods Sold": "Coût des ventes",
    "Gross Profit": "Marge brute",
    "Expenses": "Dépenses",
    "Net Operating Income": "Résultat d’exploitation net",
    "Other Income": "Autres revenus",
    "Other Expenses": "Autres dépenses",
    "Net Other Income": "Autres revenus nets",
    "Net Income": "Résultat net",
    "ASSETS": "ACTIF",
    "LIABILITIES AND EQUITY": "PASSIF ET CAPITAUX PROPRES",
    "Current Assets": "Actif à court terme",
    "Liabilities": "Passif",
    "Equity": "Capitaux propres",
    "Bank Accounts": "Comptes bancaires",
    "Accounts Receivable": "Comptes clients",
    "Other Current Assets": "Autres actifs à court terme",
    "Fixed Assets": "Immobilisations",
    "Other Assets": "Autres actifs",
    "Current Liabilities": "Passif à court terme",
    "Accounts Payable": "Comptes fournisseurs",
    "Credit Cards": "Cartes de crédit",
    "Other Current Liabilities": "Autres passifs à court terme",
    "Long-Term Liabilities": "Passif à long terme",
    "TOTAL {}": "TOTAL {}",
    "OPERATING ACTIVITIES": "ACTIVITÉS D’EXPLOITATION",
    "INVESTING ACTIVITIES": "ACTIVITÉS D’INVESTISSEMENT",
    "FINANCING ACTIVITIES": "ACTIVITÉS DE FINANCEMENT",
    "Adjustments to reconcile Net Income to Net Cash provided by operations:": (
        "Ajustements du résultat net aux flux de l’exploitation :"
    ),
    "Net cash provided by operating activities": "Flux nets de l’exploitation",
    "Net cash provided by investing activities": "Flux nets d’investissement",
    "Net cash provided by financing activities": "Flux nets de financement",
    "Net cash increase for period": "Augmentation nette de la trésorerie",
    "Cash at beginning of period": "Trésorerie en début de période",
    "Cash at end of period": "Trésorerie en fin de période",
    "{} - {} days past due": "{} à {} jours de retard",
    "{} or more days past due": "{} jours de retard ou plus",
    "Asset Value": "Valeur des stocks",
    "Avg Cost": "Coût moyen",
    "Taxable Amount": "Montant imposable",
    "Tax Amount": "Montant de la taxe",
}
_WORDS = {"en": dict[str, str](), "fr": _FRENCH}


class Titles:
    """Says titles and labels in a language; what it lacks stays in English."""

    def __init__(self, language: Language) -> None:
        self._words = _WORDS[language]

    def __call__(self, english: str, *parts: str) -> str:
        """A title, its places `{}` filled with names."""
        return self._words.get(english, english).format(*parts)

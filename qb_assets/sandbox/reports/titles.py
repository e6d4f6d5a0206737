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
}
_WORDS = {"en": dict[str, str](), "fr": _FRENCH}


class Titles:
    """Says titles and labels in a language; what it lacks stays in English."""

    def __init__(self, language: Language) -> None:
        self._words = _WORDS[language]

    def __call__(self, english: str, *parts: str) -> str:
        """A title, its places `{}` filled with names."""
        return self._words.get(english, english).format(*parts)

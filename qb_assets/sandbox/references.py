"""References from one record to another, and how a merge points them elsewhere."""

from __future__ import annotations

import re
from dataclasses import dataclass

import msgspec
from msgspec import Raw

from .documents import Fields, encoded, read_fields, unwrap, write_fields

# What a reference property is called for the entity it points at: QuickBooks ends its name so.
_ENDINGS = {
    "Account": ("AccountRef",),
    "Class": ("ClassRef",),
    "Customer": ("CustomerRef", "ProjectRef"),
    "Department": ("DepartmentRef",),
    "Employee": ("EmployeeRef",),
    "Item": ("ItemRef",),
    "PaymentMethod": ("PaymentMethodRef",),
    "Term": ("TermRef",),
    "Vendor": ("VendorRef",),
}


@dataclass(frozen=True, slots=True)
class Merge:
    """A row of a list that became another one: references to `id` are from now on to `into`.

    `name` is the name of the other one, which references tell beside its Id.
    """

    entity: str
    id: str
    into: str
    name: str

    def applied(self, entity: str, body: bytes) -> Fields | None:
        """The fields of a record of `entity` that the merge changes, None when there are none.

        Of a wrapped record they are those of the inner object.
        """
        if re.search(rb'"value"\s*:\s*"%b"' % re.escape(self.id.encode()), body) is None:
            return None
        inner = unwrap(body)[1] if entity == "RecurringTransaction" else body
        return self._changed(read_fields(inner), entity) or None

    def _changed(self, fields: Fields, owner: str) -> Fields:
        """The members that hold such a reference, with the other one in its place."""
        changed: Fields = {}
        for name, value in fields.items():
            text = bytes(value)
            if text.startswith(b"{"):
                inner = read_fields(text)
                new = self._pointed(inner, name, fields, owner) or self._changed(inner, "")
                if new:
                    changed[name] = Raw(write_fields(inner | new))
            elif text.startswith(b"["):
                items = msgspec.json.decode(text, type=list[Raw])
                moved = [self._item(bytes(item)) for item in items]
                if any(moved):
                    pairs = zip(items, moved, strict=True)
                    changed[name] = encoded([Raw(new) if new else old for old, new in pairs])
        return changed

    def _item(self, item: bytes) -> bytes | None:
        if not item.startswith(b"{"):
            return None
        fields = read_fields(item)
        changed = self._changed(fields, "")
        return write_fields(fields | changed) if changed else None

    def _pointed(self, inner: Fields, name: str, beside: Fields, owner: str) -> Fields:
        """What changes in one reference; nothing when it points elsewhere."""
        if _text(inner, "value") != self.id:
            return {}
        kind = _text(inner, "type") or _text(beside, "Type")
        if name in ("EntityRef", "Entity"):
            meant = kind.casefold() == self.entity.casefold()
        else:
            meant = name.endswith(_ENDINGS.get(self.entity, ())) or (
                name == "ParentRef" and owner == self.entity
            )
        if not meant:
            return {}
        told = {"name": encoded(self.name)} if "name" in inner else {}
        return {"value": encoded(self.into), **told}


def _text(fields: Fields, name: str) -> str:
    value = bytes(fields.get(name, b'""'))
    return msgspec.json.decode(value, type=str) if value.startswith(b'"') else ""

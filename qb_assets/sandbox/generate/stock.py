"""Quantities on hand and what they cost, first in, first out, as QuickBooks Online values stock."""

from collections import deque

from .model import Item, extend


class Stock:
    """The layers of each inventory item: a quantity left and the cents it is worth, and both as
    they came in."""

    def __init__(self) -> None:
        self._layers: dict[str, deque[list[int]]] = {}
        self._on_hand: dict[str, int] = {}
        self._worth: dict[str, int] = {}

    def on_hand(self, item: Item) -> int:
        """Hundredths of a unit on hand, below zero where more was sold than bought."""
        return self._on_hand.get(item.id, 0)

    def worth(self, item: Item) -> int:
        """Cents that what is on hand is worth; below zero where more was sold than bought."""
        return self._worth.get(item.id, 0)

    def is_short(self, item: Item) -> bool:
        """Whether some of an item was issued that never came in."""
        return self.on_hand(item) < sum(layer[0] for layer in self._layers.get(item.id, ()))

    def clear(self, item: Item) -> None:
        """Forget all of an item."""
        self._layers.pop(item.id, None)
        self._on_hand.pop(item.id, None)
        self._worth.pop(item.id, None)

    def receive(self, item: Item, quantity: int, cents: int) -> None:
        """Add a layer of `quantity` that cost `cents` in all."""
        self._layers.setdefault(item.id, deque()).append([quantity, cents, quantity, cents])
        self._on_hand[item.id] = self.on_hand(item) + quantity
        self._worth[item.id] = self.worth(item) + cents

    def issue(self, item: Item, quantity: int) -> int:
        """Take `quantity` from the oldest layers and return its cost in cents.

        All that was taken of a layer costs its share of the layer, half a cent rounded up. What
        there is none left of costs what the item is bought for by its record.
        """
        left = quantity
        cost = 0
        layers = self._layers.setdefault(item.id, deque())
        while left and layers:
            layer = layers[0]
            if layer[0] <= left:
                left -= layer[0]
                cost += layer[1]
                layers.popleft()
            else:
                layer[0] -= left
                _, worth, whole, cents = layer
                taken = whole - layer[0]
                layer[1] = cents - (2 * cents * taken + whole) // (2 * whole)
                cost += worth - layer[1]
                left = 0
        cost += extend(left, item.cost)
        self._on_hand[item.id] = self.on_hand(item) - quantity
        self._worth[item.id] = self.worth(item) - cost
        return cost

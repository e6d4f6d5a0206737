"""Quantities on hand and what they cost, first in, first out, as QuickBooks Online values stock."""

from collections import deque

from .model import Item


class Stock:
    """The layers of each inventory item: a quantity left and the cents it is worth, and both as
    they came in."""

    def __init__(self) -> None:
        self._layers: dict[str, deque[list[int]]] = {}
        self._on_hand: dict[str, int] = {}

    def on_hand(self, item: Item) -> int:
        """Hundredths of a unit on hand."""
        return self._on_hand.get(item.id, 0)

    def receive(self, item: Item, quantity: int, cents: int) -> None:
        """Add a layer of `quantity` that cost `cents` in all."""
        self._layers.setdefault(item.id, deque()).append([quantity, cents, quantity, cents])
        self._on_hand[item.id] = self.on_hand(item) + quantity

    def issue(self, item: Item, quantity: int) -> int:
        """Take `quantity` from the oldest layers and return its cost in cents.

        All that was taken of a layer costs its share of the layer, half a cent rounded up.

        Raises ValueError where less is on hand: the company buys before it sells.
        """
        left = quantity
        cost = 0
        if quantity > self.on_hand(item):
            raise ValueError(f"item {item.name} is out of stock: {quantity} asked for")
        layers = self._layers[item.id]
        while left:
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
        self._on_hand[item.id] -= quantity
        return cost

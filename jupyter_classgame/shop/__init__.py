"""The rules of buying: items, orders, wallets and the ledger. No torch and no IPython here."""

from .catalogue import Catalogue
from .item import Card, Item
from .order import Order, OrderLine, parse_order
from .receipt import Receipt, ReceiptLine
from .wallet import Wallet

__all__ = [
    "Card",
    "Catalogue",
    "Item",
    "Order",
    "OrderLine",
    "Receipt",
    "ReceiptLine",
    "Wallet",
    "parse_order",
]

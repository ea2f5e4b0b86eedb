"""The rules of buying: items, orders, wallets and the ledger. No torch and no IPython here."""

from .basket import Basket
from .catalogue import Catalogue
from .item import Card, Item
from .order import Order, OrderLine, order_text, parse_order
from .receipt import Receipt, ReceiptLine, net_order
from .wallet import Wallet

__all__ = [
    "Basket",
    "Card",
    "Catalogue",
    "Item",
    "Order",
    "OrderLine",
    "Receipt",
    "ReceiptLine",
    "Wallet",
    "net_order",
    "order_text",
    "parse_order",
]

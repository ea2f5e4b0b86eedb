"""Items, orders, wallets and the ledger; independent of torch and IPython."""

from jupyter_classgame.shop.basket import Basket
from jupyter_classgame.shop.catalogue import Catalogue
from jupyter_classgame.shop.item import Card, Item
from jupyter_classgame.shop.order import Order, OrderLine, order_text, parse_order
from jupyter_classgame.shop.receipt import Receipt, ReceiptLine, net_order
from jupyter_classgame.shop.wallet import Wallet

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

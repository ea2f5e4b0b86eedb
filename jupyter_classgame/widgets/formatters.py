"""Display formatters, registered by type name so that no type need be imported."""

from collections.abc import Callable
from typing import Any

PACKAGE = "jupyter_classgame"

Formatter = Callable[..., Any]


def _receipt(receipt: Any) -> str:
    from jupyter_classgame.widgets.cards.receipt_card import receipt_html  # noqa: PLC0415

    return receipt_html(receipt)


def _status(status: Any) -> str:
    from jupyter_classgame.widgets.cards.status_card import status_html  # noqa: PLC0415

    return status_html(status)


def _final(score: Any) -> str:
    from jupyter_classgame.widgets.cards.status_card import final_html  # noqa: PLC0415

    return final_html(score)


def _runs(table: Any) -> str:
    from jupyter_classgame.widgets.cards.status_card import runs_html  # noqa: PLC0415

    return runs_html(table)


def _history(history: Any) -> str:
    from jupyter_classgame.widgets.chart.history_line import history_html  # noqa: PLC0415

    return history_html(history)


def _running(history: Any) -> None:
    from jupyter_classgame.widgets.chart.history_line import follow_to_the_end  # noqa: PLC0415

    follow_to_the_end(history)


def _verdict(verdict: Any) -> None:
    from jupyter_classgame.widgets.shop.verdict_order import verdict_view  # noqa: PLC0415

    verdict_view(verdict).show()


def _catalogue(catalogue: Any) -> str:
    from jupyter_classgame.widgets.shop.static_catalogue import catalogue_html  # noqa: PLC0415

    return catalogue_html(catalogue)


def _catalogue_text(catalogue: Any, printer: Any, _cycle: bool) -> None:
    from jupyter_classgame.widgets.shop.static_catalogue import catalogue_text  # noqa: PLC0415

    printer.text(catalogue_text(catalogue))


def _samples(sheet: Any) -> str:
    from jupyter_classgame.widgets.cards.sample_images import sheet_html  # noqa: PLC0415

    return sheet_html(sheet)


def _report(report: Any) -> None:
    from jupyter_classgame.widgets.cards.report_card import report_view  # noqa: PLC0415

    report_view(report).show()


def _ensemble(ensemble: Any) -> None:
    from jupyter_classgame.widgets.cards.ensemble_bars import ensemble_view  # noqa: PLC0415

    ensemble_view(ensemble).show()


def _chart(chart: Any) -> None:
    from jupyter_classgame.widgets.chart.finished_chart import show_history  # noqa: PLC0415

    show_history(chart.history).show()


def _range_test(test: Any) -> None:
    from jupyter_classgame.widgets.range_test.rate_chart import show_chart  # noqa: PLC0415

    show_chart(test)


def _range_test_chart(chart: Any) -> None:
    from jupyter_classgame.widgets.range_test.rate_chart import chart_of  # noqa: PLC0415

    chart_of(chart.test).show()


HTML: dict[tuple[str, str], Formatter] = {
    (f"{PACKAGE}.shop.receipt", "Receipt"): _receipt,
    (f"{PACKAGE}.shop.catalogue", "Catalogue"): _catalogue,
    (f"{PACKAGE}.session.status", "Status"): _status,
    (f"{PACKAGE}.session.status", "FinalScore"): _final,
    (f"{PACKAGE}.session.status", "RunTable"): _runs,
    (f"{PACKAGE}.training.history", "History"): _history,
    (f"{PACKAGE}.data.labelled_samples", "SampleSheet"): _samples,
}
"""Shown as one piece of HTML."""

PAIRS: dict[tuple[str, str], Formatter] = {
    (f"{PACKAGE}.referee.verdict", "Verdict"): _verdict,
    (f"{PACKAGE}.evaluation.report", "Report"): _report,
    (f"{PACKAGE}.evaluation.model_ensemble", "Ensemble"): _ensemble,
    (f"{PACKAGE}.training.history", "HistoryChart"): _chart,
    (f"{PACKAGE}.training.range_test.range_test", "RangeTest"): _range_test,
    (f"{PACKAGE}.training.range_test.range_test", "RangeTestChart"): _range_test_chart,
    (f"{PACKAGE}.training.history", "History"): _running,
}
"""Shown as a live widget with its static twin: two outputs; a run under way as one that changes."""

TEXT: dict[tuple[str, str], Formatter] = {
    (f"{PACKAGE}.shop.catalogue", "Catalogue"): _catalogue_text,
}
"""Shown in plain text other than by ``repr``."""


def _tables(ip: Any) -> list[tuple[Any, dict[tuple[str, str], Formatter]]]:
    display = ip.display_formatter
    return [
        (display.formatters["text/html"], HTML),
        (display.formatters["text/plain"], TEXT),
        (display.ipython_display_formatter, PAIRS),
    ]


def register(ip: Any) -> None:
    """Register the display formatters of the game's objects with a shell."""
    for formatter, types in _tables(ip):
        for (module, name), function in types.items():
            formatter.for_type_by_name(module, name, function)


def unregister(ip: Any) -> None:
    """Undo :func:`register`."""
    for formatter, types in _tables(ip):
        for module, name in types:
            formatter.pop(f"{module}.{name}", None)

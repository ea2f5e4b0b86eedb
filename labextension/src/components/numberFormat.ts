const AMOUNT = new Intl.NumberFormat('en', { maximumFractionDigits: 2 });

/** Format a price or a balance with its unit. */
export function formatAmount(value: number): string {
  return `${AMOUNT.format(value)} B NN`;
}

/** Format a share as a percentage. */
export function formatPercent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

const NUMBER = new Intl.NumberFormat('en', { maximumSignificantDigits: 4 });

/** Format a loss or a learning rate to four digits; very small and large ones with an exponent. */
export function formatNumber(value: number): string {
  const size = Math.abs(value);
  return size && (size < 0.001 || size >= 1e5)
    ? Number(value.toPrecision(3)).toExponential()
    : NUMBER.format(value);
}

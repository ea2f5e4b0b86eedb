const AMOUNT = new Intl.NumberFormat('en', { maximumFractionDigits: 2 });

/** Format a price or a balance with its unit. */
export function formatAmount(value: number): string {
  return `${AMOUNT.format(value)} B NN`;
}

/** Format an accuracy, as the kernel does. */
export function formatScore(share: number): string {
  return share.toFixed(4);
}

const NUMBER = new Intl.NumberFormat('en', { maximumSignificantDigits: 4 });

/** Format a learning rate to four digits; very small and large ones with an exponent. */
export function formatNumber(value: number): string {
  return isExtreme(value) ? withExponent(value) : NUMBER.format(value);
}

/** Format a loss, as the kernel does. */
export function formatLoss(value: number): string {
  return isExtreme(value) ? withExponent(value) : value.toFixed(4);
}

function isExtreme(value: number): boolean {
  const size = Math.abs(value);
  return size > 0 && (size < 0.001 || size >= 1e5);
}

function withExponent(value: number): string {
  return Number(value.toPrecision(3)).toExponential();
}

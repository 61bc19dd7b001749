/**
 * Floating-point numbers as C's `printf` writes them: `%f` and `%g`, exact and rounded half to even.
 *
 * JavaScript's own `toFixed` and `toPrecision` round ties up and stop at 1e21, so the digits come
 * from the number's bits. Invariant: the text is the decimal number nearest to the value.
 */

/** A positive finite number, exactly: `digits` times ten to the power of `-scale`. */
interface ExactDecimal {
  readonly digits: bigint;
  readonly scale: number;
}

const MANTISSA_BITS = 52n;
const EXPONENT_BIAS = 1075;

/** `printf("%.*f", decimals, value)`. */
export function fixedDecimal(value: number, decimals: number): string {
  const sign = isNegative(value) ? "-" : "";
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return `${sign}inf`;
  const { digits, scale } = exactDecimal(Math.abs(value));
  const rounded = scale > decimals
    ? roundHalfEven(digits, scale - decimals)
    : digits * 10n ** BigInt(decimals - scale);
  const text = rounded.toString().padStart(decimals + 1, "0");
  const point = text.length - decimals;
  return sign + text.slice(0, point) + (decimals > 0 ? `.${text.slice(point)}` : "");
}

/** `printf("%.*g", significant, value)` of a finite number. */
export function generalDecimal(value: number, significant: number): string {
  const sign = isNegative(value) ? "-" : "";
  if (value === 0) return `${sign}0`;
  const { digits, exponent } = significantDigits(Math.abs(value), significant);
  const shown = digits.replace(/0+$/, "");
  if (exponent < -4 || exponent >= significant) {
    const fraction = shown.length > 1 ? `.${shown.slice(1)}` : "";
    const power = String(Math.abs(exponent)).padStart(2, "0");
    return `${sign}${shown[0]}${fraction}e${exponent < 0 ? "-" : "+"}${power}`;
  }
  if (exponent < 0) return `${sign}0.${"0".repeat(-exponent - 1)}${shown}`;
  const whole = shown.slice(0, exponent + 1).padEnd(exponent + 1, "0");
  const fraction = shown.slice(exponent + 1);
  return `${sign}${whole}${fraction === "" ? "" : `.${fraction}`}`;
}

/** The first digits, and the power of ten of the first of them. */
function significantDigits(
  value: number,
  count: number,
): { readonly digits: string; readonly exponent: number } {
  const { digits, scale } = exactDecimal(value);
  const length = digits.toString().length;
  const rounded = length > count ? roundHalfEven(digits, length - count) : digits;
  const text = rounded.toString();
  // Rounding 9.99 up makes a digit more.
  const carried = text.length > Math.min(length, count) ? 1 : 0;
  return { digits: text, exponent: length - 1 - scale + carried };
}

function exactDecimal(value: number): ExactDecimal {
  const bits = new DataView(new ArrayBuffer(8));
  bits.setFloat64(0, value);
  const word = bits.getBigUint64(0);
  const biased = Number(word >> MANTISSA_BITS) & 0x7ff;
  const fraction = word & ((1n << MANTISSA_BITS) - 1n);
  const mantissa = biased === 0 ? fraction : fraction | (1n << MANTISSA_BITS);
  const power = Math.max(biased, 1) - EXPONENT_BIAS;
  if (power >= 0) return { digits: mantissa << BigInt(power), scale: 0 };
  return { digits: mantissa * 5n ** BigInt(-power), scale: -power };
}

function roundHalfEven(digits: bigint, dropped: number): bigint {
  const unit = 10n ** BigInt(dropped);
  const kept = digits / unit;
  const twice = (digits % unit) * 2n;
  return twice > unit || (twice === unit && kept % 2n === 1n) ? kept + 1n : kept;
}

function isNegative(value: number): boolean {
  return value < 0 || Object.is(value, -0);
}

/**
 * Tables for people: aligned text for the terminal, Markdown for the README.
 */

/** The value in the middle; of two middle values the lower one. NaN for none. */
export function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? NaN;
}

/** The first column is text and aligned left, the others are figures and aligned right. */
export function formatTable(head: string[], rows: string[][], markdown: boolean): string {
  if (markdown) {
    const rule = head.map((_, column) => (column === 0 ? "---" : "---:"));
    return [head, rule, ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n");
  }
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => (row[column] ?? "").length))
  );
  return [head, ...rows].map((row) => alignRow(row, widths)).join("\n");
}

function alignRow(row: string[], widths: number[]): string {
  return row.map((cell, column) => {
    const width = widths[column] ?? 0;
    return column === 0 ? cell.padEnd(width) : cell.padStart(width);
  }).join("  ").trimEnd();
}

/** Three digits that count: 0.0731, 4.60, 123. */
export function figure(value: number | undefined): string {
  if (value === undefined || Number.isNaN(value)) return "-";
  if (value === 0) return "0";
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  return value.toFixed(Math.min(digits, 4));
}

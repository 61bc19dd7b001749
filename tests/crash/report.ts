/**
 * What the crash test counted, as a table: a row for each thing, a column for each broker. Owns only
 * the words.
 */

import type { Checked, FindingKind, Findings } from "./findings.ts";

/** What is counted, and of how many. */
const ROWS: readonly [string, FindingKind, keyof Checked][] = [
  ["Acknowledged messages lost", "message lost", "messages"],
  ["Lost to a shared subscription only", "message lost at a shared subscription only", "messages"],
  ["QoS 2 messages delivered twice", "delivered twice at QoS 2", "messages"],
  ["Messages delivered out of order", "delivered out of order", "messages"],
  ["Messages altered", "message altered", "messages"],
  ["Packet Identifiers confused", "Packet Identifier of two messages", "messages"],
  ["Sessions not as acknowledged", "session not as acknowledged", "sessions"],
  ["Subscriptions not as acknowledged", "subscription not as acknowledged", "subscriptions"],
  ["Retained messages not as acknowledged", "retained message not as acknowledged", "retained"],
  ["Wills not as acknowledged", "Will not as acknowledged", "wills"],
];

/** The lines of the table. Numbers are "found of checked". */
export function resultTable(
  results: readonly (readonly [broker: string, findings: Findings])[],
  isMarkdown: boolean,
): string[] {
  const cells = [
    ["", ...results.map(([broker]) => broker)],
    ["Times killed", ...results.map(([, { checked }]) => grouped(checked.kills))],
    ...ROWS.map(([title, kind, base]) => [
      title,
      ...results.map(([, findings]) =>
        `${grouped(findings.count(kind))} of ${grouped(findings.checked[base])}`
      ),
    ]),
  ];
  return isMarkdown ? markdown(cells) : aligned(cells);
}

function markdown([head = [], ...body]: string[][]): string[] {
  const rule = head.map((_, column) => column === 0 ? "---" : "---:");
  return [head, rule, ...body].map((row) => `| ${row.join(" | ")} |`);
}

function aligned(cells: string[][]): string[] {
  const widths = (cells[0] ?? []).map((_, column) =>
    Math.max(...cells.map((row) => row[column]?.length ?? 0))
  );
  return cells.map((row) =>
    row.map((cell, column) => {
      const width = widths[column] ?? 0;
      return column === 0 ? cell.padEnd(width) : cell.padStart(width);
    }).join("  ")
  );
}

/** 12,345 */
function grouped(value: number): string {
  return value.toLocaleString("en-US");
}

/**
 * The parity table as text for people: tests/parity/README.md is made of the rows, and of nothing else.
 */

import type { Expected, ParityRow } from "./row.ts";

export const REGENERATE = "deno run --allow-all tests/parity/write_readme.ts";

/** Longer texts of results are cut. */
const SHOWN_CHARACTERS = 110;

export function parityReadme(rows: readonly ParityRow[]): string {
  const different = rows.filter(({ ours }) => ours !== undefined);
  return [
    "# The tools of Mosquitto, and ours",
    "",
    "`broker pub`, `sub`, `rr` and `passwd` in the place of `mosquitto_pub`, `mosquitto_sub`,",
    "`mosquitto_rr` and `mosquitto_passwd`. Each row of `rows_*.ts` is a test that runs both on the same",
    "input and expects the same output, files, packets and exit code of both, or what is listed below.",
    "Flags that are new in 2.1 are run with the installed Mosquitto if it knows them.",
    "",
    `This page is made by \`${REGENERATE}\`.`,
    "",
    `${rows.length} tests, ${rows.length - different.length} with the same result.`,
    "",
    "## Differences",
    "",
    ...markdownTable(["tool", "flag", "what", "Mosquitto", "ours", "why"], differences(different)),
    "",
    "## Flags",
    "",
    ...markdownTable(["flag", "tools", "since Mosquitto", "tests", "result"], flags(rows)),
    "",
  ].join("\n");
}

/** One line for each flag. */
function flags(rows: readonly ParityRow[]): string[][] {
  return [...Map.groupBy(rows, ({ flag }) => flag)].map(([flag, ofFlag]) => {
    const tools = [...new Set(ofFlag.map(({ tool }) => tool))];
    const isNew = ofFlag.every(({ since }) => since === "2.1");
    const different = ofFlag.filter(({ ours }) => ours !== undefined).length;
    const result = different === 0 ? "same" : `${different} different`;
    return [code(flag), tools.join(", "), isNew ? "2.1" : "2.0", String(ofFlag.length), result];
  });
}

/** One line for each difference; tools that differ in the same way share it. */
function differences(rows: readonly ParityRow[]): string[][] {
  const lines = rows.map((row) => {
    const [theirs, ours] = shownDifference(row.expected, row.ours ?? {});
    return { tool: row.tool, rest: [code(row.flag), row.what, theirs, ours, row.why ?? ""] };
  });
  return [...Map.groupBy(lines, ({ rest }) => rest.join("\n")).values()].map((same) => [
    [...new Set(same.map(({ tool }) => tool))].join(", "),
    ...same[0]?.rest ?? [],
  ]);
}

/** Both sides of what differs, and of nothing else. */
function shownDifference(theirs: Expected, ours: Expected): [theirs: string, ours: string] {
  const names = (Object.keys(ours) as (keyof Expected)[]).filter((name) => name !== "says");
  const side = (expected: Expected) =>
    names.map((name) => shownPart(name, expected)).filter((text) => text !== "").join("; ");
  return [side(theirs), side({ ...theirs, ...ours })];
}

function shownPart(name: keyof Expected, expected: Expected): string {
  const value = expected[name];
  switch (name) {
    case "code":
      return `exit code ${expected.code ?? 0}`;
    case "stdout":
      return value === undefined ? "" : `prints ${code(shortened(expected.stdout))}`;
    case "sent":
      if (expected.sent === undefined) return "";
      return expected.sent.length === 0
        ? "sends nothing"
        : `sends ${expected.sent.map((line) => code(line)).join(", ")}`;
    case "files":
      return Object.entries(expected.files ?? {}).map(([path, content]) =>
        `\`${path}\`: ${code(shortened(content))}`
      ).join("; ");
    default:
      return "";
  }
}

function shortened(value: string | RegExp | null | undefined): string {
  const text = value instanceof RegExp ? String(value) : JSON.stringify(value ?? "");
  return text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}...` : text;
}

function code(text: string): string {
  return /^[\w ]+$/.test(text) && !/\d/.test(text) ? text : `\`${text}\``;
}

/** With columns of one width each, as `deno fmt` wants them. */
function markdownTable(titles: readonly string[], rows: readonly string[][]): string[] {
  const cells = [titles, ...rows].map((row) => row.map((cell) => cell.replaceAll("|", "\\|")));
  const widths = titles.map((_, column) =>
    Math.max(3, ...cells.map((row) => [...row[column] ?? ""].length))
  );
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, column) => padded(cell, widths[column] ?? 0)).join(" | ")} |`;
  const rule = `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`;
  const [head = [], ...body] = cells;
  return [line(head), rule, ...body.map(line)];
}

function padded(cell: string, width: number): string {
  return cell + " ".repeat(width - [...cell].length);
}

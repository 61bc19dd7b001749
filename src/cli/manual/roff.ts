/**
 * A manual as a man page, in the macros of man(7).
 *
 * Owns the sections and the escapes. Invariant: no text of ours is taken for a request or an escape.
 */

import { type CommandManual, type ManualOption, withChoices } from "./manual.ts";

export interface PageFacts {
  readonly version: string;
  /** The other pages, for SEE ALSO. */
  readonly pages: readonly string[];
}

/** The name of the page: "broker", "broker-retained-clear". */
export function pageName({ words }: Pick<CommandManual, "words">): string {
  return ["broker", ...words].join("-");
}

export function manPage(manual: CommandManual, facts: PageFacts): string {
  const name = pageName(manual);
  return [
    `.TH ${name.toUpperCase()} 1 "" "broker ${facts.version}" "User Commands"`,
    ".SH NAME",
    `${escapeRoff(name)} \\- ${escapeRoff(manual.summary)}`,
    ".SH SYNOPSIS",
    ...synopsis(manual),
    // The heading begins a paragraph itself.
    ...section("DESCRIPTION", manual.paragraphs.flatMap(paragraph).slice(1)),
    ...optionSections(manual.options),
    ...section("EXAMPLES", manual.examples.flatMap(example)),
    ...section("SEE ALSO", seeAlso(facts.pages.filter((page) => page !== name))),
  ].map((line) => `${line}\n`).join("");
}

function synopsis({ words, usage }: CommandManual): readonly string[] {
  const command = `.B ${escapeRoff(["broker", ...words].join(" "))}`;
  return usage.flatMap((way, index) => [
    ...(index === 0 ? [] : [".br"]),
    command,
    ...(way === "" ? [] : [escapeRoff(way)]),
  ]);
}

function optionSections(options: readonly ManualOption[]): readonly string[] {
  const groups = [...new Set(options.map(({ group }) => group))];
  const several = groups.length > 1;
  const lines = groups.flatMap((group) => [
    ...(several && group !== "" ? [`.SS ${escapeRoff(group)}`] : []),
    ...options.filter((option) => option.group === group).flatMap(optionEntry),
  ]);
  return section("OPTIONS", lines);
}

function optionEntry({ flags, values, description, choices }: ManualOption): readonly string[] {
  const following = values.map((value) => ` \\fI${escapeRoff(value)}\\fR`).join("");
  return [
    ".TP",
    `${flags.map((flag) => `\\fB${escapeRoff(flag)}\\fR`).join(", ")}${following}`,
    escapeRoff(withChoices(description, choices)),
  ];
}

function paragraph(text: string): readonly string[] {
  const lines = text.split("\n").map(escapeRoff);
  return /^\s/.test(text) ? [".PP", ".nf", ...lines, ".fi"] : [".PP", ...lines];
}

function example(
  { command, comment }: { readonly command: string; readonly comment: string },
): readonly string[] {
  return [".TP", `.B ${escapeRoff(command)}`, escapeRoff(comment === "" ? "\u00a0" : comment)];
}

function seeAlso(pages: readonly string[]): readonly string[] {
  return pages.map((page, index) =>
    `.BR ${escapeRoff(page)} (1)${index === pages.length - 1 ? "" : ","}`
  );
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [`.SH ${title}`, ...lines];
}

/** A text as it is: hyphens that can be copied, no control lines, no escapes, no macro's quotes. */
export function escapeRoff(text: string): string {
  const escaped = text.replace(/\\/g, "\\(rs").replace(/-/g, "\\-").replace(/"/g, "\\(dq")
    .replace(/\u00a0/g, "\\ ").replace(
      /[^\x20-\x7e]/gu,
      (character) =>
        `\\[u${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}]`,
    );
  return /^[.']/.test(escaped) ? `\\&${escaped}` : escaped;
}

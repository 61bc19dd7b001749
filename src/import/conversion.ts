/**
 * What the parts of a conversion share: the model, the settings in the making, the table.
 *
 * Owns the top level of the written broker.yaml: which sections there are, in which order, and what
 * stands above them.
 */

import { escapeControls } from "../config/escape.ts";
import type { ConfEntry } from "./conf_reader.ts";
import type { ConfListener, ConfModel } from "./conf_model.ts";
import type { Findings } from "./findings.ts";
import { type InputFiles, placeText } from "./input_files.ts";
import { type YamlScalar, YamlSection } from "./yaml_draft.ts";

/** A file that is written beside broker.yaml. */
export interface CopiedFile {
  readonly path: string;
  readonly text: string;
}

/** What is read, and what is made of it. */
export interface Conversion {
  readonly model: ConfModel;
  readonly files: InputFiles;
  readonly findings: Findings;
  readonly draft: Draft;
  readonly copies: CopiedFile[];
  /** The path of the written file, absolute; undefined: standard output. */
  readonly output: string | undefined;
}

/** The sections of broker.yaml in their order, and the comments above them. */
const SECTIONS = {
  listeners: "Where clients connect.",
  users: "Who may connect with a password: 'broker passwd' makes hashes.",
  roles: "Who may publish and subscribe to what.",
  acl_files: "Rules in Mosquitto's own words.",
  authentication: "How clients prove who they are.",
  limits: "What clients may cost.",
  features: "Which optional parts of MQTT clients may use.",
  sessions: "What is kept for a client that is not connected.",
  persistence: "What survives a restart.",
  sys_interval: "How often the $SYS topics are published.",
  logging: "What the broker says about itself.",
} as const;

export type SectionName = keyof typeof SECTIONS;

/** The settings in the making. */
export class Draft {
  readonly #roots = new Map<SectionName, YamlSection>();
  readonly #comments = new Map<SectionName, string[]>();

  /** What holds the section's key; for lists and single values. */
  root(name: SectionName): YamlSection {
    let root = this.#roots.get(name);
    if (root === undefined) this.#roots.set(name, root = new YamlSection());
    return root;
  }

  /** The mapping of a section. */
  section(name: SectionName): YamlSection {
    return this.root(name).section(name);
  }

  /** A comment above the section, which is written even when there is nothing in it. */
  comment(name: SectionName, text: string): void {
    const comments = this.#comments.get(name) ?? [];
    this.#comments.set(name, [...comments, text]);
  }

  /** The text of the file; `head` are the comments it begins with. */
  text(head: readonly string[]): string {
    const comments = (texts: readonly string[]) =>
      texts.map((text) => `# ${escapeControls(text)}`.trimEnd());
    const parts = [comments(head)];
    for (const name of Object.keys(SECTIONS) as SectionName[]) {
      const lines = this.#roots.get(name)?.lines() ?? [];
      const notes = this.#comments.get(name) ?? [];
      if (lines.length + notes.length === 0) continue;
      parts.push([...comments([SECTIONS[name], ...notes]), ...lines]);
    }
    return parts.map((lines) => `${lines.join("\n")}\n`).join("\n");
  }
}

/** Puts a setting in, with its place, and says so in the table. */
export function carry(
  { draft, findings }: Conversion,
  entry: ConfEntry,
  section: Exclude<SectionName, "listeners" | "users" | "roles" | "acl_files" | "sys_interval">,
  key: string,
  value: YamlScalar,
): void {
  draft.section(section).put(key, value, placeText(entry.place));
  findings.carried(entry, `${section}.${key}: ${value}`);
}

/** What people call a listener: its port, or its path. */
export function listenerText({ port, path }: ConfListener): string {
  return path ?? String(port);
}

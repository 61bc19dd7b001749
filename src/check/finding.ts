/**
 * What `broker check` has found: how bad it is, where it stands, what is wrong, what mends it.
 *
 * Owns the form of a finding, and of what stands in a command that people copy. Finds nothing.
 */

import type { LoadedSettings } from "../config/load.ts";
import type { PathStep } from "../config/path.ts";
import type { Machine } from "./machine.ts";
import type { Service } from "./service.ts";

/**
 * - `error`: the broker does not work as it is configured.
 * - `warning`: it works, and somebody should know.
 * - `info`: worth a line.
 */
export type Severity = "error" | "warning" | "info";

export const SEVERITIES: readonly Severity[] = ["error", "warning", "info"];

export interface Finding {
  readonly severity: Severity;
  /** "broker.yaml:12"; undefined: it concerns no setting. */
  readonly place: string | undefined;
  /** A sentence without a final full stop. */
  readonly problem: string;
  /** A command to type, or what to write where; undefined when nothing has to be done. */
  readonly cure: string | undefined;
}

/** What is examined. */
export interface Examination {
  readonly loaded: LoadedSettings;
  readonly machine: Machine;
  /** Whom the broker runs as, and where its data is. */
  readonly service: Service;
}

/** One thing that is looked at. Changes nothing. */
export type Probe = (examination: Examination) => readonly Finding[] | Promise<readonly Finding[]>;

/** "broker.yaml:12", the line of a setting. */
export function placeOf({ file, lineOf }: LoadedSettings, setting: readonly PathStep[]): string {
  return `${file}:${lineOf(setting)}`;
}

/** What mends files of TLS that are of no use, whatever is wrong with them. */
export const MAKE_CERTIFICATES =
  "broker cert makes certificates, and prints the 'tls:' to add; or correct the path";

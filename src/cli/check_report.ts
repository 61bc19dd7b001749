/**
 * What `broker check` prints: the settings in effect, and what was found, for people or as JSON.
 *
 * Owns the layout of both. Invariant: no value of a setting that is secret is in either.
 */

import { jsonText } from "./json_text.ts";
import type { Finding, Severity } from "../check/finding.ts";
import type { Service } from "../check/service.ts";
import type { LoadedSettings } from "../config/load.ts";
import { describeChanges, describeListeners, describePersistence } from "../config/policy.ts";
import { positionAt, type Problem } from "../config/problem.ts";

export interface CheckReport {
  readonly loaded: LoadedSettings;
  /** Undefined: the machine was not looked at. */
  readonly service: Service | undefined;
  /** Errors first. */
  readonly findings: readonly Finding[];
}

const HEADINGS: Readonly<Record<Severity, string>> = {
  error: "Errors:",
  warning: "Warnings:",
  info: "Notes:",
};

/** The lines for people. */
export function checkText(report: CheckReport): string[] {
  const { loaded, service, findings } = report;
  const lines = [`${loaded.file}: ${verdict(findings)}`, ...summary(report)];
  if (service !== undefined) lines.push(`Looked at on this machine, for ${service.described}`);
  for (const severity of ["error", "warning", "info"] as const) {
    const found = findings.filter((finding) => finding.severity === severity);
    if (found.length > 0) lines.push("", HEADINGS[severity], ...found.flatMap(findingLines));
  }
  return lines;
}

/** "ok", "ok, 1 warning", "2 errors, 1 warning". */
function verdict(findings: readonly Finding[]): string {
  const { error, warning } = countsOf(findings);
  const texts = [counted(error, "error"), counted(warning, "warning")].filter((text) =>
    text !== ""
  );
  return (error === 0 ? ["ok", ...texts] : texts).join(", ");
}

function counted(count: number, what: string): string {
  return count === 0 ? "" : `${count} ${what}${count === 1 ? "" : "s"}`;
}

function countsOf(findings: readonly Finding[]): Record<Severity, number> {
  const counts = { error: 0, warning: 0, info: 0 };
  for (const { severity } of findings) counts[severity]++;
  return counts;
}

function summary(report: CheckReport): string[] {
  const { settings } = report.loaded;
  const changes = describeChanges(settings);
  return [
    "Listeners:",
    ...describeListeners(settings).map((line) => `  ${line}`),
    persistenceText(report),
    changes.length === 0 ? "Everything else has its default" : "Not the default:",
    ...changes.map((line) => `  ${line}`),
  ];
}

function findingLines({ place, problem, cure }: Finding): string[] {
  const where = place === undefined ? "" : `${place}: `;
  return [`  ${where}${problem}`, ...(cure === undefined ? [] : [`    cure: ${cure}`])];
}

/** With the data where the service has it. */
function persistenceText({ loaded: { settings }, service }: CheckReport): string {
  if (service === undefined) return describePersistence(settings);
  const persistence = { ...settings.persistence, path: service.storePath };
  return describePersistence({ ...settings, persistence });
}

/** One JSON document with the settings in effect and all findings. */
export function checkJson(report: CheckReport, exitCode: number): string {
  const { loaded, service, findings } = report;
  const { settings } = loaded;
  return document({
    file: loaded.file,
    exitCode,
    counts: countsOf(findings),
    user: service?.account?.name ?? null,
    unit: service?.unit?.path ?? null,
    settings: {
      listeners: describeListeners(settings),
      persistence: persistenceText(report),
      changes: describeChanges(settings),
    },
    findings: findings.map(({ severity, place, problem, cure }) => ({
      severity,
      place: place ?? null,
      problem,
      cure: cure ?? null,
    })),
  });
}

/** The same of a configuration that cannot be used: there are no settings. */
export function refusalJson(
  file: string,
  source: string,
  problems: readonly Problem[],
  exitCode: number,
): string {
  const findings = problems.map(({ message, range, hint }) => {
    const at = range === undefined ? undefined : positionAt(source, range.start);
    return {
      severity: "error",
      place: at === undefined ? file : `${file}:${at.line}:${at.column}`,
      problem: message,
      cure: hint ?? null,
    };
  });
  const counts = { error: findings.length, warning: 0, info: 0 };
  return document({ file, exitCode, counts, user: null, unit: null, settings: null, findings });
}

function document(value: unknown): string {
  return `${jsonText(value, 2)}\n`;
}

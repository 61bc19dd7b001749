/**
 * What the limits let the broker use, beside what there is: memory and file descriptors.
 *
 * Owns the sum, and limits that would fit. The figures for a connection and for the program itself
 * are measured ones, rounded up.
 */

import type { Settings } from "../config/settings.ts";
import { type Examination, type Finding, placeOf } from "./finding.ts";
import { addToUnit } from "./service_unit.ts";

const MEBIBYTE = 1024 * 1024;
/** The program without clients, and each connection. */
const PROGRAM_BYTES = 64 * MEBIBYTE;
const CONNECTION_BYTES = 8 * 1024;

/** Files that the broker has open beside its connections: store, log, workers, listeners. */
const OTHER_FILES = 64;

export function probeMemory(examination: Examination): Finding[] {
  const { loaded, machine, service: { unit } } = examination;
  const memory = machine.memory();
  const place = placeOf(loaded, ["limits"]);
  if (memory === undefined) {
    const problem = "The memory was not looked at: the system does not say it";
    return [{ severity: "info", place, problem, cure: undefined }];
  }
  const limits = [memory.limitBytes, unit?.memoryBytes].filter((bytes) => bytes !== undefined);
  const allowance = Math.min(memory.totalBytes, ...limits);
  const needed = mostBytes(loaded.settings);
  const isLimited = allowance < memory.totalBytes;
  const whose = isLimited ? "the service may use" : "this machine has";
  if (needed > allowance) {
    return [{
      severity: "warning",
      place,
      problem: `The limits allow the broker ${about(needed)} of memory in all, and ${whose} ` +
        `${about(allowance)}: clients could make the system end it`,
      cure: smallerLimits(allowance),
    }];
  }
  if (needed <= memory.availableBytes) return [];
  return [{
    severity: "info",
    place,
    problem: `The limits allow the broker ${about(needed)} of memory in all; ` +
      `${about(memory.availableBytes)} are free now`,
    cure: undefined,
  }];
}

/** What clients can make the broker use, all limits reached. */
export function mostBytes({ limits, sessions }: Settings): number {
  return PROGRAM_BYTES + limits.maxConnections * CONNECTION_BYTES + limits.maxBufferedBytes +
    limits.maxRetainedBytes + limits.maxSubscriptionBytes + sessions.maxTotalQueuedBytes;
}

/** Half of the memory, in four equal parts, is for clients. */
function smallerLimits(allowance: number): string {
  const part = Math.max(1, 2 ** Math.floor(Math.log2(allowance / 8 / MEBIBYTE)));
  return `limits: {max_buffered_bytes: ${part} MiB, max_retained_bytes: ${part} MiB, ` +
    `max_subscription_bytes: ${part} MiB} and sessions: {max_total_queued_bytes: ${part} MiB}`;
}

/** "1.1 GiB", "640 MiB". */
function about(bytes: number): string {
  const mebibytes = bytes / MEBIBYTE;
  return mebibytes < 1024 ? `${Math.round(mebibytes)} MiB` : `${(mebibytes / 1024).toFixed(1)} GiB`;
}

/** Every connection is a file descriptor. */
export function probeDescriptors(examination: Examination): Finding[] {
  const { loaded, machine, service: { unit } } = examination;
  const { maxConnections } = loaded.settings.limits;
  const needed = maxConnections + OTHER_FILES;
  const possible = unit === undefined ? machine.openableFiles(needed) : unit.openFiles;
  if (possible === undefined || possible >= needed) return [];
  return [{
    severity: "warning",
    place: placeOf(loaded, ["limits", "max_connections"]),
    problem:
      `limits.max_connections is ${maxConnections}, and the broker may open about ${possible} ` +
      "files: further connections would be kept waiting",
    cure: unit === undefined
      ? `ulimit -n ${needed}  # in the shell that starts it, as far as 'ulimit -Hn' allows; ` +
        `or limits: {max_connections: ${Math.max(1, possible - OTHER_FILES)}}`
      : addToUnit(`LimitNOFILE=${needed}`),
  }];
}

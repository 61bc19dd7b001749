/**
 * What `bench` has measured, for people: a Markdown table whose columns are aligned, to be read on a
 * terminal or pasted, and remarks below it.
 *
 * Owns the columns and the forms of numbers.
 */

import type { Judgement } from "../load/bottleneck.ts";
import type { ConnectFigures, ConnectOutcome } from "../load/connect_run.ts";
import type { Quantiles } from "../load/load_result.ts";
import type { LoadOutcome } from "../load/load_run.ts";
import type { BrokerUsage } from "../load/usage_watch.ts";
import type { ConnectRequest, MessageRequest } from "./bench_request.ts";

/** A load of messages, done. */
export interface MessageRow {
  readonly request: MessageRequest;
  readonly outcome: LoadOutcome;
  readonly judgement: Judgement;
}

export interface ConnectRow {
  readonly request: ConnectRequest;
  readonly outcome: ConnectOutcome;
}

/** A load is a column: so the table is not wider than a terminal. */
const MESSAGE_LINES = [
  "QoS",
  "bytes",
  "in/s",
  "out/s",
  "lost",
  "p50",
  "p90",
  "p99",
  "p99.9",
  "max",
  "CPU",
  "us/msg",
  "RSS",
  "peak",
  "limit",
];

const CONNECT_LINES = [
  "clients",
  "failed",
  "retries",
  "seconds",
  "per s",
  "p50",
  "p90",
  "p99",
  "max",
  "CPU",
  "RSS",
  "per client",
];

export function messageTable(rows: readonly MessageRow[]): string {
  const names = rows.map(({ request }) => request.name);
  return markdownTable(names, MESSAGE_LINES, rows.map(messageCells));
}

export function connectTable({ request, outcome }: ConnectRow): string {
  const { first, storm, usage, bytesPerClient } = outcome;
  const columns = [connectCells(first, usage.broker, bytesPerClient)];
  if (storm !== undefined) columns.push(connectCells(storm, undefined, undefined));
  return `${request.clients} clients, ${request.atOnce} at once\n\n` +
    markdownTable(["connect", "reconnect"].slice(0, columns.length), CONNECT_LINES, columns);
}

/** One line each, with the name of the load where there are several. */
export function messageRemarks(rows: readonly MessageRow[]): string[] {
  return rows.flatMap(({ request, outcome, judgement }) => {
    const { isStopped, notes, ownDelayUs } = outcome;
    const own = ownDelayUs === undefined ? [] : [
      `Of each latency the generator's own part is about ${duration(ownDelayUs)} ` +
      "(the median between two of its own sockets).",
    ];
    const stopped = isStopped ? ["Stopped early: these are the figures until then."] : [];
    const prefix = rows.length > 1 ? `${request.name}: ` : "";
    return [...stopped, ...judgement.remarks, ...own, ...notes].map((remark) => prefix + remark);
  });
}

export function connectRemarks({ outcome }: ConnectRow): string[] {
  const { first, storm, ended, reasons, usage, isStopped } = outcome;
  const remarks = isStopped ? ["Stopped early: these are the figures until then."] : [];
  const failed = first.failed + (storm?.failed ?? 0);
  if (failed > 0) remarks.push(`${failed} clients could not connect.`);
  if (ended > 0) remarks.push(`The broker cut off ${ended} clients.`);
  if (reasons.length > 0) remarks.push(`Reasons: ${reasons.join("; ")}.`);
  if (storm !== undefined && storm.failed === 0) {
    remarks.push(`All ${storm.connected} clients were back after ${seconds(storm.seconds)}.`);
  }
  if (usage.broker?.pid === undefined && usage.brokerUnknown !== undefined) {
    remarks.push(`The broker's own CPU time and memory are not known: ${usage.brokerUnknown}.`);
  }
  return remarks;
}

/** What a reader must know of the columns. */
export const LEGEND = [
  "in/s, out/s: messages a second to and from the broker; p50 to max: from when a message was to be",
  "sent to its arrival (as fast as it goes, most of that is waiting in queues); CPU: processors that the",
  "broker used; us/msg: its CPU time for each message in or out; <: at most, all other programs included.",
].join("\n");

/** "1,234,567". */
export function grouped(count: number): string {
  return String(Math.round(count)).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** A duration in microseconds: "85 us", "1.2 ms", "340 ms", "2.5 s". */
export function duration(us: number): string {
  if (us < 1000) return `${Math.round(us)} us`;
  if (us < 1e6) return `${digits(us / 1000)} ms`;
  return seconds(us / 1e6);
}

/** "9.5 MB", of 1,000,000 bytes. */
export function megabytes(bytes: number | undefined): string {
  return bytes === undefined ? "-" : `${digits(bytes / 1e6)} MB`;
}

function seconds(value: number): string {
  return `${digits(value)} s`;
}

/** Two digits at least, and no more than one behind the point. */
function digits(value: number): string {
  return value < 9.95 ? value.toFixed(1) : String(Math.round(value));
}

function messageCells({ request, outcome, judgement }: MessageRow): string[] {
  const { figures, usage } = outcome;
  const hasSubscribers = request.shape.subscribers > 0;
  return [
    String(request.qos),
    String(request.size),
    grouped(figures.sentPerSecond),
    grouped(figures.receivedPerSecond),
    grouped(figures.lost),
    ...quantileCells(figures.latencyUs, ["p50", "p90", "p99", "p999", "max"], hasSubscribers),
    ...brokerCells(usage.broker, figures.sent + figures.received),
    megabytes(usage.broker?.rssBytes),
    megabytes(usage.broker?.peakRssBytes),
    judgement.limit,
  ];
}

function connectCells(
  figures: ConnectFigures,
  broker: BrokerUsage | undefined,
  bytesPerClient: number | undefined,
): string[] {
  return [
    grouped(figures.connected),
    grouped(figures.failed),
    grouped(figures.retries),
    figures.seconds.toFixed(2),
    grouped(figures.perSecond),
    ...quantileCells(figures.latencyUs, ["p50", "p90", "p99", "max"], figures.connected > 0),
    cpu(broker),
    megabytes(broker?.rssBytes),
    bytesPerClient === undefined ? "-" : `${digits(bytesPerClient / 1000)} kB`,
  ];
}

function quantileCells(
  quantiles: Quantiles,
  names: readonly (keyof Quantiles)[],
  isKnown: boolean,
): string[] {
  return names.map((name) => isKnown ? duration(quantiles[name]) : "-");
}

function brokerCells(broker: BrokerUsage | undefined, messages: number): string[] {
  if (broker === undefined || messages === 0) return [cpu(broker), "-"];
  const us = broker.cpuSeconds * 1e6 / messages;
  return [cpu(broker), atMost(broker) + (us < 10 ? us.toPrecision(2) : us.toFixed(0))];
}

function cpu(broker: BrokerUsage | undefined): string {
  return broker === undefined ? "-" : atMost(broker) + broker.processors.toFixed(2);
}

/** Where only all other programs together are known. */
function atMost({ pid }: BrokerUsage): string {
  return pid === undefined ? "<" : "";
}

/** `columns` has the cells of each column, below its name; `lines` names the lines. */
function markdownTable(
  names: readonly string[],
  lines: readonly string[],
  columns: readonly (readonly string[])[],
): string {
  const all = [["", ...lines], ...columns.map((cells, at) => [names[at] ?? "", ...cells])];
  const widths = all.map((cells) => Math.max(3, ...cells.map((cell) => cell.length)));
  const line = (row: number): string =>
    `| ${all.map((cells, at) => pad(cells[row] ?? "", widths[at] ?? 0, at > 0)).join(" | ")} |`;
  const rule = widths.map((width, at) =>
    at === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`
  );
  return [line(0), `| ${rule.join(" | ")} |`, ...lines.map((_, at) => line(at + 1))].join("\n");
}

function pad(cell: string, width: number, isFigure: boolean): string {
  return isFigure ? cell.padStart(width) : cell.padEnd(width);
}

/**
 * What `broker status` shows to people.
 *
 * Owns the layout and the words. Lines may hold what clients have sent: who writes them makes control
 * characters visible (`writeLines`).
 */

import type { Fill, ListenerItem, StatusItem, StoreItem } from "../../control/items.ts";
import { counted, roughSize } from "../quantity_text.ts";
import { labelled, rateText, roughDuration, timeText } from "./control_text.ts";

type Fact = readonly [label: string, text: string];

/** Banned addresses that are named. */
const SHOWN_BANS = 10;

const DROP_WORDS: Readonly<Record<string, string>> = {
  queueFull: "queue full",
  slowReader: "reads too slowly",
  packetTooLarge: "larger than the client takes",
  expired: "expired",
  sessionEnded: "session ended",
  notAuthorized: "not allowed any more",
};

export function* statusLines(item: StatusItem, nowMs: number): Generator<string> {
  yield `broker ${item.version}, process ${item.processId}, up ${roughDuration(item.uptime)}, ` +
    `since ${timeText(item.startedAt)}`;
  yield `Configuration: ${item.configurationFile ?? "built-in defaults"}`;
  yield "";
  for (const listener of item.listeners) yield* listenerLines(listener);
  yield "";
  yield* labelled([
    ...trafficFacts(item),
    ...lossFacts(item),
    ...heldFacts(item),
    ...storeFacts(item.store, nowMs),
    ...banFacts(item),
  ]);
}

function* listenerLines(listener: ListenerItem): Generator<string> {
  const { state, policy, addresses, connections, maximumConnections, problem } = listener;
  yield `Listener '${listener.name}': ${state}. ${upperFirst(policy)}`;
  const where = addresses.length === 0 ? "nowhere yet" : addresses.join(", ");
  yield `  listens on ${where}; ${connectionsText(connections, maximumConnections)}`;
  if (problem !== null) yield `  ${problem}`;
}

function connectionsText(count: number, maximum: number | null): string {
  return maximum === null ? counted(count, "connection") : `${count} of ${maximum} connections`;
}

function upperFirst(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

function trafficFacts({ clients, rates, totals }: StatusItem): Fact[] {
  return [
    [
      "Clients",
      `${clients.connected} connected (${clients.maximumConnected} at most), ` +
      `${clients.away} away with a session; ` +
      connectionsText(clients.connections, clients.maximumConnections),
    ],
    [
      `Last ${rates.seconds} s`,
      `in ${rateText(rates.messagesReceived)} packets/s, ${sizeRate(rates.bytesReceived)}; ` +
      `out ${rateText(rates.messagesSent)} packets/s, ${sizeRate(rates.bytesSent)}`,
    ],
    [
      "Since the start",
      `in ${totals.publishReceived} messages, ${roughSize(totals.bytesReceived)}; ` +
      `out ${totals.publishSent} messages, ${roughSize(totals.bytesSent)}`,
    ],
  ];
}

function sizeRate(bytesPerSecond: number): string {
  return `${roughSize(Math.round(bytesPerSecond))}/s`;
}

function lossFacts({ dropped, totals }: StatusItem): Fact[] {
  const reasons = Object.entries(dropped).filter(([, count]) => count > 0);
  const refused = ([
    [totals.connectionsRefused, "connection"],
    [totals.loginsFailed, "login"],
    [totals.publishRefused, "message"],
    [totals.subscriptionsRefused, "subscription"],
  ] as const).filter(([count]) => count > 0);
  return [
    [
      "Dropped",
      reasons.map(([why, count]) => `${count} ${DROP_WORDS[why] ?? why}`).join(", ") || "nothing",
    ],
    ["Refused", refused.map(([count, what]) => counted(count, what)).join(", ") || "nothing"],
  ];
}

function heldFacts({ memory, queuedMessages, retained, subscriptions }: StatusItem): Fact[] {
  const { residentBytes, heapUsedBytes, heapTotalBytes } = memory;
  return [
    [
      "Memory",
      `${roughSize(residentBytes)}, of it heap ${roughSize(heapUsedBytes)} of ` +
      roughSize(heapTotalBytes),
    ],
    ["  output", fillText(memory.output)],
    ["  input", fillText(memory.input)],
    ["  queues", `${fillText(memory.queues)}, ${counted(queuedMessages, "message")}`],
    [
      "  retained",
      `${fillText(memory.retained)}, ${countText(retained.count, retained.maximumCount)} messages`,
    ],
    [
      "  subscriptions",
      `${fillText(memory.subscriptions)}, ` +
      `${countText(subscriptions.count, subscriptions.maximumCount)} subscriptions, ` +
      `${subscriptions.shared} of them shared`,
    ],
  ];
}

function fillText({ bytes, maximumBytes }: Fill): string {
  return maximumBytes === null
    ? `${roughSize(bytes)} (no limit)`
    : `${roughSize(bytes)} of ${roughSize(maximumBytes)}`;
}

function countText(count: number, maximum: number | null): string {
  return maximum === null ? String(count) : `${count} of ${maximum}`;
}

function storeFacts(store: StoreItem | null, nowMs: number): Fact[] {
  if (store === null) return [["Data", "none is kept (durability: off)"]];
  const { lastCommitAt, pendingChanges, problem } = store;
  const last = lastCommitAt === null
    ? "none since the start"
    : `${roughDuration((nowMs - Date.parse(lastCommitAt)) / 1000)} ago`;
  return [
    ["Data", `'${store.path}', ${roughSize(store.fileBytes)}, durability ${store.durability}`],
    [
      "  written",
      `${roughSize(store.bytesWrittenToday)} today, ${roughSize(store.bytesWritten)} since the ` +
      `start, in ${counted(store.commits, "commit")}; last one ${last}`,
    ],
    ["  waiting", counted(pendingChanges, "change")],
    ...(store.isWritable ? [] : [["  PROBLEM", writeProblem(problem)] as const]),
  ];
}

function writeProblem(problem: string | null): string {
  return `cannot be written: ${
    problem ?? "not known why"
  }. What would have to be stored is refused`;
}

function banFacts({ bans: { count, addresses } }: StatusItem): Fact[] {
  if (count === 0) return [["Banned", "nobody"]];
  const shown = addresses.slice(0, SHOWN_BANS).map((ban): Fact => [
    "",
    `${ban.address} until ${timeText(ban.until)}, ` +
    `${counted(ban.refusedConnections, "connection")} refused`,
  ]);
  const more: Fact[] = count > shown.length
    ? [["", `and ${count - shown.length} more (see --json)`]]
    : [];
  return [
    ["Banned", `${count} address${count === 1 ? "" : "es"}`],
    ...shown,
    ...more,
  ];
}

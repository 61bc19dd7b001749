/**
 * Converts options of the broker as a whole: limits, queues, sessions, optional features.
 *
 * Owns how their values differ: 0 and -1 for "no limit", units, ranges, and defaults that matter.
 */

import { carry, type Conversion } from "./conversion.ts";
import { placeText } from "./input_files.ts";
import type { ConfEntry } from "./conf_reader.ts";

type Convert = (conversion: Conversion, entry: ConfEntry) => void;

/** The ranges of our settings. */
const LARGEST_PACKET = 268_435_456;
const SMALLEST_PACKET = 1024;
const MOST_QUEUED_MESSAGES = 10_000_000;
const MOST_QUEUED_BYTES = 4 * 1024 ** 3;
const TOTAL_QUEUED_BYTES = 256 * 1024 ** 2;
const MOST_INFLIGHT = 65_535;
const MOST_CONNECTIONS = 1_000_000;
const MOST_SESSIONS = 10_000_000;

/** Room for the topic and the properties of a message beside its payload. */
const ROOM_FOR_TOPIC = 65_536;

/** Options by the first of their names. */
export const BROKER_CONVERSIONS: Readonly<Record<string, Convert>> = {
  check_retain_source: ({ findings }, entry) => {
    if (!entry.value.flag) return findings.carried(entry, "it is so here");
    findings.changed(
      entry,
      "who may read a topic gets its retained message, whether or not its publisher still may " +
        "write it",
    );
  },
  global_max_clients: (conversion, entry) =>
    convertCount(conversion, entry, "max_sessions", MOST_SESSIONS, "100000"),
  global_max_connections: (conversion, entry) =>
    convertCount(conversion, entry, "max_connections", MOST_CONNECTIONS, "10000"),
  include_dir: ({ findings }, entry) => findings.carried(entry, "its files are read, too"),
  max_inflight_messages: convertInflight,
  max_keepalive: convertKeepAlive,
  max_packet_size: convertPacketSize,
  max_queued_bytes: convertQueuedBytes,
  max_queued_messages: convertQueuedMessages,
  message_size_limit: convertMessageSize,
  per_listener_settings: ({ findings }, entry) =>
    findings.carried(entry, entry.value.flag ? "each listener has its own" : "it is so here"),
  persistent_client_expiration: convertExpiration,
  queue_qos0_messages: (conversion, entry) =>
    carry(conversion, entry, "sessions", "queue_qos0_messages", entry.value.flag),
  retain_available: (conversion, entry) =>
    carry(conversion, entry, "features", "retain_available", entry.value.flag),
  set_tcp_nodelay: ({ findings }, entry) =>
    entry.value.flag
      ? findings.carried(entry, "it is so here")
      : findings.changed(entry, "small packets are never delayed: TCP_NODELAY is always on"),
  sys_interval: ({ draft, findings }, entry) => {
    const value = entry.value.number === 0 ? "never" : `${entry.value.number}s`;
    draft.root("sys_interval").put("sys_interval", value, placeText(entry.place));
    findings.carried(entry, `sys_interval: ${value}`);
  },
};

/** What Mosquitto does where the file says nothing, and what is done about it. */
export function convertBrokerDefaults({ model, draft, findings }: Conversion): void {
  if (!model.options.has("persistent_client_expiration")) {
    const why = "Mosquitto's default: sessions do not end by themselves";
    draft.section("sessions").put("persistent_client_expiration", "never", why);
    const text = "sessions.persistent_client_expiration: never";
    findings.default("persistent_client_expiration", "never", "carried", text);
  }
  if (!model.options.has("max_queued_messages")) {
    const text = "sessions.max_queued_messages is 10000 here, and max_queued_bytes 16 MiB";
    findings.default("max_queued_messages", "1000", "changed", text);
  }
  if (!model.options.has("max_packet_size") && !model.options.has("message_size_limit")) {
    const text = "limits.max_packet_size is 16 MiB here (Mosquitto 2.0 has no limit)";
    findings.default("max_packet_size", "2000000", "changed", text);
  }
}

/** A number of connections or sessions; without a limit, ours stays. */
function convertCount(
  conversion: Conversion,
  entry: ConfEntry,
  key: string,
  most: number,
  usual: string,
): void {
  const { number } = entry.value;
  if (number >= 1) return carry(conversion, entry, "limits", key, Math.min(number, most));
  conversion.findings.changed(entry, `limits.${key} is ${usual}: there is always a limit`);
}

function convertInflight(conversion: Conversion, entry: ConfEntry): void {
  const { number } = entry.value;
  const value = number <= 0 ? MOST_INFLIGHT : number;
  const limits = conversion.draft.section("limits");
  limits.put("max_inflight_messages", value, placeText(entry.place));
  limits.put("receive_maximum", value, placeText(entry.place));
  const text = `limits.max_inflight_messages and limits.receive_maximum: ${value}`;
  conversion.findings.carried(entry, text);
}

function convertKeepAlive(conversion: Conversion, entry: ConfEntry): void {
  const { number, text } = entry.value;
  if (number === 0) return carry(conversion, entry, "limits", "max_keepalive", "never");
  conversion.draft.section("limits").put("max_keepalive", `${text}s`, placeText(entry.place));
  conversion.findings.changed(
    entry,
    `limits.max_keepalive: ${text}s; MQTT 3.1.1 clients that ask for more are let in, with ${text}s`,
  );
}

function convertPacketSize(conversion: Conversion, entry: ConfEntry): void {
  const { number } = entry.value;
  const value = Math.min(Math.max(number, SMALLEST_PACKET), LARGEST_PACKET);
  const limits = conversion.draft.section("limits");
  limits.put("max_packet_size", smallerOf(conversion, value), placeText(entry.place));
  const text = `limits.max_packet_size: ${value}`;
  if (value === number) return conversion.findings.carried(entry, text);
  conversion.findings.changed(entry, `${text}, the nearest that is possible`);
}

/** A limit of the payload alone can make the packet's limit lower. */
function smallerOf({ model }: Conversion, packet: number): number {
  const payload = model.options.get("message_size_limit")?.value.number ?? 0;
  return payload > 0 ? Math.min(packet, payload + ROOM_FOR_TOPIC) : packet;
}

function convertMessageSize(conversion: Conversion, entry: ConfEntry): void {
  const { number } = entry.value;
  const { findings, draft, model } = conversion;
  if (number === 0) return findings.carried(entry, "no limit of its own");
  const packet = model.options.get("max_packet_size")?.value.number ?? LARGEST_PACKET;
  const value = Math.min(
    number + ROOM_FOR_TOPIC,
    LARGEST_PACKET,
    Math.max(packet, SMALLEST_PACKET),
  );
  draft.section("limits").put("max_packet_size", value, placeText(entry.place));
  findings.changed(
    entry,
    `limits.max_packet_size: ${value}, topic included; whoever sends more is disconnected, and the ` +
      "message is not dropped in silence",
  );
}

function convertQueuedMessages(conversion: Conversion, entry: ConfEntry): void {
  const { number } = entry.value;
  const value = number <= 0 ? MOST_QUEUED_MESSAGES : Math.min(number, MOST_QUEUED_MESSAGES);
  conversion.draft.section("sessions").put("max_queued_messages", value, placeText(entry.place));
  const bytes = conversion.model.options.has("max_queued_bytes")
    ? ""
    : ", and 16 MiB (sessions.max_queued_bytes)";
  const text = `sessions.max_queued_messages: ${value}${bytes}`;
  if (number <= 0) conversion.findings.changed(entry, `${text}: there is always a limit`);
  else conversion.findings.carried(entry, text);
}

function convertQueuedBytes(conversion: Conversion, entry: ConfEntry): void {
  const { number } = entry.value;
  if (number <= 0) {
    const text = "sessions.max_queued_bytes is 16 MiB: there is always a limit";
    return conversion.findings.changed(entry, text);
  }
  const value = Math.min(number, MOST_QUEUED_BYTES);
  const sessions = conversion.draft.section("sessions");
  sessions.put("max_queued_bytes", value, placeText(entry.place));
  if (value > TOTAL_QUEUED_BYTES) {
    sessions.put("max_total_queued_bytes", value, placeText(entry.place));
  }
  conversion.findings.changed(
    entry,
    `sessions.max_queued_bytes: ${value}, in which a message counts with 430 bytes more than its ` +
      "content",
  );
}

/** A month has 30 days, a year 365, as in Mosquitto. */
const DAYS: Readonly<Record<string, number>> = { d: 1, w: 7, m: 30, y: 365 };
const LONGEST_DAYS = 70_000;

/** As one of our durations; undefined when Mosquitto would not take it either. */
export function expirationOf(text: string): string | undefined {
  const [, amount, unit = ""] = /^0*([1-9]\d*)([shdwmy])$/.exec(text) ?? [];
  if (amount === undefined) return undefined;
  const days = DAYS[unit];
  if (days === undefined) return `${amount}${unit}`;
  return `${Math.min(Number(amount) * days, LONGEST_DAYS)}d`;
}

function convertExpiration(conversion: Conversion, entry: ConfEntry): void {
  const value = expirationOf(entry.value.text);
  if (value === undefined) {
    const { path, source } = entry.file;
    const message =
      `Cannot read '${entry.name}': "${entry.value.text}" is not a number of hours, ` +
      "days, weeks, months or years, as in 14d";
    return conversion.files.fail(path, source, { message, range: entry.range });
  }
  const sessions = conversion.draft.section("sessions");
  sessions.put("persistent_client_expiration", value, placeText(entry.place));
  // Mosquitto ends the sessions of MQTT 5 clients as well.
  sessions.put("max_session_expiry_interval", value, placeText(entry.place));
  conversion.findings.carried(
    entry,
    `sessions.persistent_client_expiration and max_session_expiry_interval: ${value}`,
  );
}

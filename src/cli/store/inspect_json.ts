/**
 * What `broker inspect --json` prints: one JSON object, for programs.
 *
 * Owns its keys, which stay as they are: new ones may come. They are those of MQTT 5 in camelCase;
 * `null` stands for what there is not, so that every object of a kind has the same keys, but for
 * `payload`, which is text, or `payloadBase64` where it is not UTF-8 (`correlationData` likewise).
 * Intervals are seconds, times ISO 8601 in UTC.
 * Every message is a piece of its own: a store of a million is never one string.
 */

import { Buffer } from "node:buffer";
import { deliveryState } from "../../broker/outgoing.ts";
import type { Properties } from "../../protocol/packet.ts";
import { VERSION_NAMES } from "../../protocol/describe.ts";
import type {
  InspectedMessage,
  InspectedOutgoing,
  InspectedRetained,
  InspectedSession,
} from "../../storage/offline.ts";
import { jsonText } from "../json_text.ts";
import type { Inspection } from "./inspect.ts";
import { payloadText } from "./payload_text.ts";

type Json = { readonly [key: string]: unknown };

/** The object in pieces. */
export function* inspectJson(inspection: Inspection): Generator<string> {
  const { sessions, showsRetained, store } = inspection;
  yield open(headOf(inspection));
  if (sessions !== undefined) {
    yield ',\n"sessions":';
    yield* list(sessions, sessionPieces);
  }
  if (showsRetained) {
    yield ',\n"retained":';
    yield* list(store.retained, (message) => [jsonText(retainedJson(message))]);
  }
  yield "}\n";
}

function headOf({ store, isInUse }: Inspection): Json {
  const { path, version, fileBytes, changedAtMs, counts, damage } = store;
  const isDamaged = damage.rows + damage.gaps > 0 || damage.reason !== "";
  return {
    path,
    formatVersion: version,
    fileBytes,
    changedAt: isoTime(changedAtMs),
    inUse: isInUse ?? null,
    counts: {
      sessions: counts.sessions,
      connected: counts.connected,
      subscriptions: counts.subscriptions,
      queued: counts.outgoing - counts.inFlight,
      inFlight: counts.inFlight,
      inboundPacketIdentifiers: counts.inbound,
      retained: counts.retained,
    },
    damage: isDamaged ? damage : null,
  };
}

function* sessionPieces(session: InspectedSession): Generator<string> {
  const { expiryIntervalMs, disconnectedAtMs, will } = session;
  const expiresAtMs = (disconnectedAtMs ?? Infinity) + expiryIntervalMs;
  yield open({
    clientIdentifier: session.clientIdentifier,
    username: session.username ?? null,
    groups: session.groups,
    listener: session.listener === "" ? null : session.listener,
    address: session.address === "" ? null : session.address,
    protocolVersion: VERSION_NAMES[session.protocolVersion],
    bridge: session.bridge,
    connected: session.isConnected,
    disconnectedAt: disconnectedAtMs === undefined ? null : isoTime(disconnectedAtMs),
    sessionExpiryInterval: expiryIntervalMs === Infinity ? null : expiryIntervalMs / 1000,
    expiresAt: isoTime(expiresAtMs),
    queued: session.queued,
    inFlight: session.inFlight,
    inboundPacketIdentifiers: session.inboundPacketIdentifiers,
    will: will === undefined ? null : {
      topicName: will.topicName,
      qos: will.qos,
      retain: will.retain,
      willDelayInterval: will.delayMs / 1000,
      properties: propertiesJson(will.properties),
      ...payloadJson(will.payload),
    },
    subscriptions: session.subscriptions.map((subscription) => ({
      topicFilter: subscription.topicFilter,
      qos: subscription.qos,
      noLocal: subscription.noLocal,
      retainAsPublished: subscription.retainAsPublished,
      subscriptionIdentifier: subscription.identifier === 0 ? null : subscription.identifier,
      shareName: subscription.shareName ?? null,
      retainedPending: subscription.replayPending,
    })),
  });
  yield ',"messages":';
  yield* list(session.outgoing, (message) => [jsonText(outgoingJson(message))]);
  yield "}";
}

function outgoingJson(outgoing: InspectedOutgoing): Json {
  const { packetIdentifier, subscriptionIdentifiers, sharedFilter } = outgoing;
  return {
    state: deliveryState(outgoing),
    packetIdentifier: packetIdentifier === 0 ? null : packetIdentifier,
    subscriptionIdentifiers,
    sharedFilter: sharedFilter ?? null,
    ...messageJson(outgoing),
  };
}

function retainedJson(message: InspectedRetained): Json {
  const { retainedAtMs = Infinity, publisher = null } = message;
  return { ...messageJson(message), retainedAt: isoTime(retainedAtMs), publisher };
}

function messageJson(message: InspectedMessage): Json {
  return {
    topicName: message.topicName,
    qos: message.qos,
    retain: message.retain,
    expiresAt: isoTime(message.expiresAtMs),
    properties: propertiesJson(message.properties),
    ...payloadJson(message.payload),
  };
}

function payloadJson(payload: Uint8Array): Json {
  const text = payloadText(payload);
  return {
    payloadBytes: payload.length,
    ...(text === undefined ? { payloadBase64: base64(payload) } : { payload: text }),
  };
}

function propertiesJson({ correlationData, ...others }: Properties): Json {
  if (correlationData === undefined) return others;
  const text = payloadText(correlationData);
  return {
    ...others,
    ...(text === undefined
      ? { correlationDataBase64: base64(correlationData) }
      : { correlationData: text }),
  };
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("base64");
}

/** Null for what is never. */
function isoTime(ms: number): string | null {
  return ms === Infinity ? null : new Date(ms).toISOString();
}

/** An array, an element in a line. */
function* list<Item>(
  items: Iterable<Item>,
  pieces: (item: Item) => Iterable<string>,
): Generator<string> {
  let separator = "[\n";
  for (const item of items) {
    yield separator;
    yield* pieces(item);
    separator = ",\n";
  }
  yield separator === "[\n" ? "[]" : "\n]";
}

/** An object that goes on: without its closing brace. */
function open(value: Json): string {
  return jsonText(value).slice(0, -1);
}

/**
 * A message as a JSON object (`%j`, `%J`), members in the order and spelling of Mosquitto 2.1.
 *
 * Owns which member stands where. Mosquitto 2.0 wrote `"retain":0`, a `Z` before the offset in `tst`
 * (no valid ISO 8601) and User Properties as one object, which loses repeated names; 2.1 mended all
 * three, and so it is here. Invariant: when the payload is not JSON for `%J`, nothing is written.
 */

import type { Properties, PublishPacket } from "../../protocol/packet.ts";
import type { ByteOutput } from "./byte_output.ts";
import { rewriteJson } from "./json_payload.ts";
import { JsonWriter } from "./json_writer.ts";

export interface JsonOptions {
  readonly pretty: boolean;
  /** `%J`: the payload is JSON itself, not a string. */
  readonly payloadIsJson: boolean;
}

/** Writes the message; `timestamp` is for `tst`. Returns false when the payload is not JSON. */
export function writeJsonMessage(
  out: ByteOutput,
  message: PublishPacket,
  timestamp: string,
  options: JsonOptions,
): boolean {
  const start = out.length;
  const json = new JsonWriter(out, options.pretty);
  json.openObject();
  json.key("tst");
  json.string(timestamp);
  json.key("topic");
  json.string(message.topicName);
  json.key("qos");
  json.number(message.qos);
  json.key("retain");
  json.literal(message.retain);
  json.key("payloadlen");
  json.number(message.payload.length);
  if (message.qos > 0) {
    json.key("mid");
    json.number(message.packetIdentifier);
  }
  writeProperties(json, message.properties);
  json.key("payload");
  if (!writePayload(json, message.payload, options.payloadIsJson)) {
    out.rewind(start);
    return false;
  }
  json.closeObject();
  return true;
}

function writePayload(json: JsonWriter, payload: Uint8Array, isJson: boolean): boolean {
  if (payload.length === 0) json.literal(null);
  else if (isJson) return rewriteJson(payload, json);
  else json.string(payload);
  return true;
}

/** In the order in which they came; those that PUBLISH cannot carry do not occur. */
function writeProperties(json: JsonWriter, properties: Properties): void {
  const names = Object.keys(properties) as (keyof Properties)[];
  const present = names.filter((name) => properties[name] !== undefined);
  if (present.length === 0) return;
  json.key("properties");
  json.openObject();
  for (const name of present) writeProperty(json, name, properties);
  json.closeObject();
}

function writeProperty(json: JsonWriter, name: keyof Properties, properties: Properties): void {
  switch (name) {
    case "payloadFormatIndicator":
    case "messageExpiryInterval":
    case "topicAlias":
      json.key(PROPERTY_KEYS[name]);
      return json.number(properties[name] as number);
    case "contentType":
    case "responseTopic":
    case "correlationData":
      json.key(PROPERTY_KEYS[name]);
      return json.string(properties[name] as string | Uint8Array);
    case "subscriptionIdentifiers":
      for (const identifier of properties.subscriptionIdentifiers ?? []) {
        json.key("subscription-identifier");
        json.number(identifier);
      }
      return;
    case "userProperties":
      return writeUserProperties(json, properties.userProperties ?? []);
  }
}

const PROPERTY_KEYS = {
  payloadFormatIndicator: "payload-format-indicator",
  messageExpiryInterval: "message-expiry-interval",
  topicAlias: "topic-alias",
  contentType: "content-type",
  responseTopic: "response-topic",
  correlationData: "correlation-data",
} as const;

/** One object for each, so that repeated names stay. */
function writeUserProperties(
  json: JsonWriter,
  userProperties: NonNullable<Properties["userProperties"]>,
): void {
  json.key("user-properties");
  json.openArray();
  for (const [name, value] of userProperties) {
    json.element();
    json.openObject();
    json.key(name);
    json.string(value);
    json.closeObject();
  }
  json.closeArray();
}

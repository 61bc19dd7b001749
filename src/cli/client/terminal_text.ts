/**
 * What a terminal is shown of a message, which anybody may have published.
 *
 * Control characters command a terminal: they change its title, forge lines, fill the clipboard. Owns
 * what stands in their place: escapes, "\x1b". Line ends and tabs of payloads stay. Not for pipes and
 * files, which get every byte as it came.
 */

import { escapeControls } from "../../config/escape.ts";
import type { Properties, PublishPacket } from "../../protocol/packet.ts";

const TAB = 0x09;
const NEWLINE = 0x0a;
const SPACE = 0x20;
const DELETE = 0x7f;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** The message without control characters in force; the lengths of its parts are others then. */
export function visibleMessage(packet: PublishPacket): PublishPacket {
  return {
    ...packet,
    topicName: escapeControls(packet.topicName),
    payload: visiblePayload(packet.payload),
    properties: visibleProperties(packet.properties),
  };
}

/** JSON stays JSON; what it lets through are U+007F to U+009F, and bytes that are not UTF-8. */
export function visibleJson(json: Uint8Array): Uint8Array {
  if (json.every(isPlain)) return json;
  const text = decoder.decode(json).replace(/[^\n\t\P{Cc}]/gu, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
  return encoder.encode(text);
}

function visiblePayload(payload: Uint8Array): Uint8Array {
  if (payload.every(isPlain)) return payload;
  return encoder.encode(
    decoder.decode(payload).replace(/\r\n|[^\n\t\P{Cc}]/gu, (found) => {
      return found === "\r\n" ? found : escapeControls(found);
    }),
  );
}

/** Of ASCII, and no control character but line end and tab. */
function isPlain(byte: number): boolean {
  return byte >= SPACE ? byte < DELETE : byte === NEWLINE || byte === TAB;
}

/** Those that are texts. */
function visibleProperties(properties: Properties): Properties {
  const { contentType, responseTopic, correlationData, userProperties } = properties;
  return {
    ...properties,
    ...(contentType === undefined ? {} : { contentType: escapeControls(contentType) }),
    ...(responseTopic === undefined ? {} : { responseTopic: escapeControls(responseTopic) }),
    ...(correlationData === undefined ? {} : { correlationData: visiblePayload(correlationData) }),
    ...(userProperties === undefined ? {} : {
      userProperties: userProperties.map(([name, value]) =>
        [escapeControls(name), escapeControls(value)] as [string, string]
      ),
    }),
  };
}

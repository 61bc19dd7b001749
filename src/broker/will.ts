/**
 * Will Messages (MQTT 5 section 3.1.2.5 and 3.1.3.2).
 *
 * The session owns its Will; what is here says what one is and when it is due. A Will is published
 * at the end of its delay or of the session, whichever comes first, and is dropped when the client
 * comes back before or leaves with DISCONNECT 0x00.
 */

import type { Properties, QoS, Will } from "../protocol/packet.ts";
import { expiryTimeMs, forwardedProperties, Message } from "./message.ts";
import type { BrokerContext } from "./context.ts";

export interface WillMessage {
  readonly topicName: string;
  readonly payload: Uint8Array;
  readonly qos: QoS;
  readonly retain: boolean;
  readonly properties: Properties;
  /** Milliseconds after the connection is lost. */
  readonly delayMs: number;
}

export function toWillMessage(will: Will): WillMessage {
  const { topicName, payload, qos, retain, properties } = will;
  return {
    topicName,
    payload,
    qos,
    retain,
    properties,
    delayMs: (properties.willDelayInterval ?? 0) * 1000,
  };
}

/** The Will as an Application Message; its Message Expiry Interval starts now. */
export function willToMessage(will: WillMessage, context: BrokerContext): Message {
  return new Message(
    context.topics.findByName(will.topicName),
    will.payload,
    will.qos,
    will.retain,
    forwardedProperties(will.properties),
    expiryTimeMs(will.properties, context),
  );
}

/**
 * The messages that publishers send one after the other, and who has got them.
 *
 * Owns every message of the run: sent, acknowledged, delivered to whom and how often. Invariant: a
 * message counts as acknowledged from the moment its publisher sees PUBACK or PUBREC, and is due to
 * every recipient from then on; one that was never acknowledged may come or not.
 */

import type { Properties, PublishPacket, QoS } from "../../src/protocol/packet.ts";
import { asText } from "../support/packet_text.ts";
import type { Findings } from "./findings.ts";
import type { Publication } from "./publisher.ts";

/** Seconds; far longer than a run, and yet it has to come with the message. */
const MESSAGE_EXPIRY_INTERVAL = 86_400;

/** Who gets every message: one session, or all members of a shared subscription together. */
export interface Recipient {
  readonly name: string;
  /** QoS of the subscription. */
  readonly qos: QoS;
  /** A shared subscription promises no order. */
  readonly isShared: boolean;
}

interface FlowMessage {
  readonly topicName: string;
  /** From 1 in each topic, in the order of sending. */
  readonly sequence: number;
  readonly qos: 1 | 2;
  readonly payload: string;
  readonly properties: Properties;
  acknowledged: boolean;
  readonly deliveries: Map<Recipient, number>;
}

export class Flow {
  readonly #findings: Findings;
  readonly #recipients: readonly Recipient[];
  /** The message of sequence number n is the one at n - 1. */
  readonly #topics = new Map<string, FlowMessage[]>();
  /** Sent since the last time that everything was looked at. */
  #recent: FlowMessage[] = [];
  readonly #lastDelivered = new Map<Recipient, Map<string, number>>();

  constructor(findings: Findings, recipients: readonly Recipient[]) {
    this.#findings = findings;
    this.#recipients = recipients;
    for (const recipient of recipients) this.#lastDelivered.set(recipient, new Map());
  }

  /** The next message of a topic; `size` is that of its payload, at least, in bytes. */
  next(topicName: string, qos: 1 | 2, size: number, hasProperties: boolean): Publication {
    const messages = this.#messagesOf(topicName);
    const sequence = messages.length + 1;
    const message: FlowMessage = {
      topicName,
      sequence,
      qos,
      payload: `${sequence} ${topicName} `.padEnd(size, `${sequence}.`),
      properties: hasProperties ? propertiesOf(sequence) : {},
      acknowledged: false,
      deliveries: new Map(),
    };
    messages.push(message);
    this.#recent.push(message);
    const { payload, properties } = message;
    const acknowledged = () => this.#acknowledged(message);
    return { topicName, payload, qos, retain: false, properties, sent() {}, acknowledged };
  }

  /** The application of `recipient` got a message. */
  delivered(recipient: Recipient, packet: PublishPacket, hasProperties: boolean): void {
    const payload = asText(packet.payload);
    const message = this.#topics.get(packet.topicName)?.[parseInt(payload) - 1];
    const what = `${recipient.name} got '${payload.slice(0, 60)}' of ${packet.topicName}`;
    if (message === undefined) {
      return this.#findings.add("message altered", `${what}, which nobody has sent`);
    }
    const alteration = alterationOf(message, packet, recipient, hasProperties);
    if (alteration !== undefined) this.#findings.add("message altered", `${what}: ${alteration}`);
    const count = (message.deliveries.get(recipient) ?? 0) + 1;
    message.deliveries.set(recipient, count);
    if (count === 1) this.#checkOrder(recipient, message, what);
    else if (packet.qos === 2) {
      const duplicate = packet.duplicate ? " with DUP" : "";
      const sentence = `${what} ${count} times, now as ${packet.packetIdentifier}${duplicate}`;
      this.#findings.add("delivered twice at QoS 2", sentence);
    }
  }

  /** Everybody has got everything that was still to come: what is missing now is lost. */
  settle(): void {
    for (const { topicName, sequence, qos, acknowledged, deliveries } of this.#recent) {
      if (!acknowledged) continue;
      const missing = this.#recipients.filter((recipient) => !deliveries.has(recipient));
      if (missing.length === 0) continue;
      const names = missing.map(({ name }) => name).join(", ");
      const kind = missing.every(({ isShared }) => isShared)
        ? "message lost at a shared subscription only"
        : "message lost";
      this.#findings.add(kind, `${sequence} of ${topicName}, QoS ${qos}: not at ${names}`);
    }
    this.#recent = [];
  }

  #messagesOf(topicName: string): FlowMessage[] {
    let messages = this.#topics.get(topicName);
    if (messages === undefined) this.#topics.set(topicName, messages = []);
    return messages;
  }

  #acknowledged(message: FlowMessage): void {
    message.acknowledged = true;
    this.#findings.checked.messages++;
  }

  /** First deliveries of a topic come in the order of sending [MQTT-4.6.0-5]. */
  #checkOrder(recipient: Recipient, { topicName, sequence }: FlowMessage, what: string): void {
    if (recipient.isShared) return;
    const lastOfTopic = this.#lastDelivered.get(recipient) as Map<string, number>;
    const last = lastOfTopic.get(topicName) ?? 0;
    if (sequence < last) this.#findings.add("delivered out of order", `${what} after ${last}`);
    else lastOfTopic.set(topicName, sequence);
  }
}

function propertiesOf(sequence: number): Properties {
  return {
    contentType: "text/plain",
    messageExpiryInterval: MESSAGE_EXPIRY_INTERVAL,
    userProperties: [["sequence", String(sequence)], ["sequence", "again"]],
  };
}

/** What is not as it was sent; undefined when everything is. */
function alterationOf(
  message: FlowMessage,
  packet: PublishPacket,
  recipient: Recipient,
  hasProperties: boolean,
): string | undefined {
  const qos = Math.min(message.qos, recipient.qos);
  if (asText(packet.payload) !== message.payload) return "the payload is another one";
  if (packet.qos !== qos) return `QoS ${packet.qos} instead of ${qos}`;
  if (packet.retain) return "RETAIN is set";
  if (!hasProperties) return undefined;
  const { messageExpiryInterval: left, ...others } = packet.properties;
  const { messageExpiryInterval: whole, ...expected } = message.properties;
  if (whole !== undefined && (left === undefined || left > whole)) return `expiry ${left}`;
  const sent = JSON.stringify(expected, Object.keys(expected).sort());
  const got = JSON.stringify(others, Object.keys(others).sort());
  return sent === got ? undefined : `properties ${got} instead of ${sent}`;
}

/**
 * A client's session without sockets: what it sends and hands over is kept, one line each.
 *
 * Owns nothing but these lines. Invariant: nothing comes from a server that a test did not send.
 */

import { packetName } from "../../src/protocol/describe.ts";
import { type Packet, PacketType, type Properties } from "../../src/protocol/packet.ts";
import { ServerLimits } from "../../src/client/server_limits.ts";
import { SessionState } from "../../src/client/session_state.ts";
import type { SessionTerms } from "../../src/client/session_terms.ts";
import type { OutgoingMessage, PublishResult } from "../../src/client/client_types.ts";
import { asBytes } from "../support/packet_text.ts";
import { publishText } from "../support/packets.ts";

/** A packet in one line: "PUBLISH a hi qos1 #1", "PUBREL #1", "PUBREL #1 0x92". */
export function packetLine(packet: Packet): string {
  const name = packetName(packet.type);
  if (packet.type === PacketType.Publish) return `${name} ${publishText(packet)}`;
  const parts = [name];
  if ("packetIdentifier" in packet) parts.push(`#${packet.packetIdentifier}`);
  if ("reasonCode" in packet && packet.reasonCode !== 0) {
    parts.push(`0x${packet.reasonCode.toString(16)}`);
  }
  return parts.join(" ");
}

export function message(
  topicName: string,
  payload: string,
  fields: Partial<OutgoingMessage> = {},
): OutgoingMessage {
  return {
    topicName,
    payload: asBytes(payload),
    qos: 0,
    retain: false,
    properties: {},
    ...fields,
  };
}

/** What a test says about a connection; the rest has no limits. */
export interface BeginOptions extends Partial<SessionTerms> {
  readonly connack?: Properties;
}

export class SessionFixture {
  readonly sent: string[] = [];
  readonly delivered: string[] = [];
  /** What became of what was published, in the order in which it is known. */
  readonly results: string[] = [];
  readonly session = new SessionState((packet) => this.delivered.push(publishText(packet)));

  begin({ connack = {}, ...terms }: BeginOptions = {}): this {
    const limits = new ServerLimits(connack);
    this.session.begin({
      sender: { send: (packet) => void this.sent.push(packetLine(packet)) },
      protocolVersion: 5,
      limits,
      sessionPresent: false,
      maximumInflight: Math.min(1000, limits.receiveMaximum),
      ownProperties: {},
      ...terms,
    });
    return this;
  }

  /** Publishes; the result goes to `results`. */
  publish(topicName: string, payload: string, fields: Partial<OutgoingMessage> = {}): void {
    const publishing = this.session.publish(message(topicName, payload, { qos: 1, ...fields }));
    publishing.then(
      (result) => this.results.push(`${payload}: ${resultText(result)}`),
      (error: Error) => this.results.push(`${payload}: ${error.message}`),
    );
  }

  /** The server's packets. */
  receive(...packets: Packet[]): this {
    for (const packet of packets) this.session.receive(packet);
    return this;
  }

  /** What was sent since the last call. */
  takeSent(): string[] {
    return this.sent.splice(0);
  }
}

function resultText({ reasonCode, packetIdentifier }: PublishResult): string {
  return `#${packetIdentifier} 0x${reasonCode.toString(16).padStart(2, "0")}`;
}

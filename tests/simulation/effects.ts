/**
 * Watches what a broker does with each packet: what of it must survive, as an acknowledgement of the
 * packet promises. Owns nothing.
 */

import assert from "node:assert/strict";
import type { Broker } from "../../src/broker/broker.ts";
import type { Outgoing } from "../../src/broker/outgoing.ts";
import type { Session } from "../../src/broker/session.ts";
import type { PublishFrame } from "../../src/protocol/publish_frame.ts";
import { asText } from "../support/packet_text.ts";
import { outgoingOf, payloadOf } from "./durable_state.ts";

export interface Effect {
  /** It changed what must survive: an acknowledgement promises that. */
  readonly isDurable: boolean;
  /** Durable sessions that got the message and are to keep it. */
  readonly recipients: readonly Session[];
  /** The disk took something, as far as the broker knew. */
  readonly wasWritable: boolean;
}

/** Finds out, when the packet is handled, what it did. */
type Finish = () => Omit<Effect, "wasWritable">;

/** `report` is called after each packet, also after one that was answered by closing. */
export function watchEffects(broker: Broker, report: (effect: Effect) => void): void {
  let isInside = false;
  const watched = <Args extends unknown[], Result>(
    call: (...args: Args) => Result,
    watch: (...args: Args) => Finish,
  ) =>
  (...args: Args): Result => {
    // Acknowledgements come by way of `receive` too.
    if (isInside) return call(...args);
    isInside = true;
    const wasWritable = broker.journal.isWritable;
    const finish = watch(...args);
    try {
      return call(...args);
    } finally {
      isInside = false;
      report({ ...finish(), wasWritable });
    }
  };
  broker.connect = watched(broker.connect.bind(broker), (_link, packet, _origin) => {
    const finish = watchRecordings(broker);
    const isKept = () => broker.sessions.get(packet.clientIdentifier)?.isDurable === true;
    const wasKept = isKept();
    return () => {
      const { isDurable, recipients } = finish();
      return { isDurable: isDurable && (wasKept || isKept()), recipients };
    };
  });
  broker.receive = watched(
    broker.receive.bind(broker),
    (_session, _packet) => watchRecordings(broker),
  );
  broker.acknowledge = watched(
    broker.acknowledge.bind(broker),
    (_session, _type, _packetIdentifier, _reasonCode) => watchRecordings(broker),
  );
  broker.publish = watched(broker.publish.bind(broker), (session, frame) => {
    if (frame.qos === 0) return () => ({ isDurable: false, recipients: [] });
    return watchPublish(broker, session, frame);
  });
}

/** Whether the broker has recorded anything; that it records everything is seen on the disk. */
function watchRecordings({ journal }: Broker): Finish {
  const { recordings } = journal;
  return () => ({ isDurable: journal.recordings !== recordings, recipients: [] });
}

/**
 * A message that must survive: it waits for somebody, or is retained, or ends a retained one; or its
 * Packet Identifier. What else comes of it, such as the Will of a client whose queue is full, it does
 * not answer for.
 */
function watchPublish(broker: Broker, publisher: Session, frame: PublishFrame): Finish {
  const { isWritable } = broker.journal;
  const { payloadBytes, payloadStart, payloadEnd, qos, packetIdentifier } = frame;
  const payload = asText(payloadBytes.slice(payloadStart, payloadEnd));
  const topicName = asText(frame.topicBytes.slice(frame.topicStart, frame.topicEnd));
  const retained = () => frame.retain ? broker.retained.get(topicName) : undefined;
  const isKnown = () => publisher.isDurable && publisher.inbound.has(packetIdentifier);
  const before = { waiting: new Set(waiting(broker).keys()), retained: retained() };
  const wasKnown = isKnown();
  return () => {
    const recipients = [...waiting(broker)]
      .filter(([outgoing]) => !before.waiting.has(outgoing))
      .filter(([{ message }]) => payloadOf(message) === payload)
      .map(([, session]) => session);
    const isDurable = recipients.length > 0 || retained() !== before.retained;
    assert.ok(isWritable || !isDurable, `'${payload}' is taken, which cannot be stored`);
    return { isDurable: isDurable || qos === 2 && isKnown() && !wasKnown, recipients };
  };
}

/** What waits for durable sessions or is in flight to them. */
function waiting({ sessions }: Broker): Map<Outgoing, Session> {
  const durable = [...sessions.values()].filter((session) => session.isDurable);
  return new Map(
    durable.flatMap((session) =>
      outgoingOf(session).map((outgoing) => [outgoing, session] as const)
    ),
  );
}

/**
 * What the broker allows, against what the load needs; and how much is under way where nothing is said.
 */

import type { ConnackPacket, QoS } from "../protocol/packet.ts";
import { LoadError } from "./load_error.ts";
import type { LoadSettings } from "./load_settings.ts";
import { fanOut, type LoadShape } from "./load_shape.ts";

/** What a load needs of the broker. */
export interface LoadNeeds {
  readonly qos: QoS;
  readonly retain: boolean;
  /** Bytes of a PUBLISH packet. */
  readonly packetBytes: number;
}

/** Throws `LoadError` when the broker has said that it will not take such messages. */
export function checkServerLimits({ properties }: ConnackPacket, needs: LoadNeeds): void {
  const { maximumQoS = 2, retainAvailable = 1, maximumPacketSize = Infinity } = properties;
  if (needs.qos > maximumQoS) {
    throw new LoadError(`Cannot use QoS ${needs.qos}: the broker allows QoS ${maximumQoS} at most`);
  }
  if (needs.retain && retainAvailable === 0) {
    throw new LoadError("Cannot retain messages: the broker does not allow it");
  }
  if (needs.packetBytes > maximumPacketSize) {
    throw new LoadError(
      `Cannot send packets of ${needs.packetBytes} bytes: the broker allows ` +
        `${maximumPacketSize} at most`,
    );
  }
}

/** Mosquitto's default for both directions, so that figures of different brokers can be compared. */
const USUAL_INFLIGHT = 20;

/** Messages that a publisher may have unacknowledged at QoS 1 and 2 [MQTT-3.3.4-7]. */
export function inflightWindow(connack: ConnackPacket, wanted: number | undefined): number {
  return Math.min(wanted ?? USUAL_INFLIGHT, connack.properties.receiveMaximum ?? Infinity);
}

/** At QoS 1 and 2 brokers queue 1000 messages for a subscriber, or fewer; beyond that they drop. */
const QUEUED_FOR_SUBSCRIBER = 500;
/** At QoS 0: enough that nobody waits for the other, few enough to stay in the processor's cache. */
const UNDER_WAY = 5000;
const UNDER_WAY_FOR_PUBLISHER = 200;
const DELIVERIES_UNDER_WAY = 100_000;
const UNDER_WAY_BYTES = 4 * 1024 * 1024;
const WRITTEN_BYTES = 64 * 1024;

/** How many messages go together, as fast as it goes. */
export interface Together {
  /** Of all publishers, not yet arrived. */
  readonly underWay: number;
  /** Of one publisher, in one write. */
  readonly written: number;
}

/** `packetBytes`: of a PUBLISH packet. */
export function messagesTogether(settings: LoadSettings, packetBytes: number): Together {
  const { shape, qos, window } = settings;
  const underWay = window === undefined
    ? usuallyUnderWay(shape, qos, packetBytes)
    : window * shape.publishers;
  const fair = Math.ceil(underWay / shape.publishers / 2);
  const written = Math.max(1, Math.min(fair, Math.floor(WRITTEN_BYTES / packetBytes)));
  return { underWay, written };
}

function usuallyUnderWay(shape: LoadShape, qos: QoS, packetBytes: number): number {
  const { kind, publishers, subscribers, topics } = shape;
  const queues = kind === "all" ? 1 : Math.max(1, Math.min(subscribers, topics));
  if (qos > 0) return Math.max(publishers, QUEUED_FOR_SUBSCRIBER * queues);
  const messages = Math.min(
    Math.max(UNDER_WAY, UNDER_WAY_FOR_PUBLISHER * publishers),
    Math.floor(DELIVERIES_UNDER_WAY / Math.max(1, fanOut(shape))),
    Math.floor(UNDER_WAY_BYTES / packetBytes),
  );
  return Math.max(publishers, messages);
}

/**
 * What becomes of a message that stands between Mosquitto and a client.
 *
 * Owns the translation of Mosquitto's states into ours.
 */

import { MessageState, type PersistedClientMessage } from "./records.ts";

export enum Purpose {
  /** The client sends it again by itself. */
  None,
  /** Of QoS 2, from the client, which has not released it. */
  Inbound,
  /** Our store keeps none of QoS 0. */
  QoS0,
  /** Its time was over before it was sent. */
  Expired,
  Queued,
  /** It was sent and is to be acknowledged. */
  InFlight,
  /** Of QoS 2: PUBREC has come, PUBCOMP has not. */
  Released,
}

export function purposeOf(message: PersistedClientMessage, isExpired: boolean): Purpose {
  const { qos, state, packetIdentifier } = message;
  if (message.isIncoming) return qos === 2 ? Purpose.Inbound : Purpose.None;
  if (qos === 0) return Purpose.QoS0;
  // Without a Packet Identifier it cannot have been sent.
  if (state === MessageState.Queued || packetIdentifier === 0) {
    return isExpired ? Purpose.Expired : Purpose.Queued;
  }
  const isReleased = state === MessageState.ResendPubrel || state === MessageState.WaitForPubcomp;
  return qos === 2 && isReleased ? Purpose.Released : Purpose.InFlight;
}

/** Whether it will have a row of its own, and so a content. */
export function isOutgoing(purpose: Purpose): boolean {
  return purpose >= Purpose.Queued;
}

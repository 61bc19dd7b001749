/**
 * PUBLISH packets as a subscriber receives them, for the tests of formats.
 */

import { PacketType, type PublishPacket } from "../../../src/protocol/packet.ts";

/** An empty QoS 0 message on `topic`, but for what is said. */
export function publishPacket(fields: Partial<PublishPacket>): PublishPacket {
  return {
    type: PacketType.Publish,
    topicName: "topic",
    payload: new Uint8Array(),
    qos: 0,
    retain: false,
    duplicate: false,
    packetIdentifier: 0,
    properties: {},
    ...fields,
  };
}

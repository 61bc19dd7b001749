/**
 * Takes back what a load has retained: a broker is left as it was found.
 */

import type { ProtocolVersion } from "../protocol/packet.ts";
import { newEnvelope, writePublish } from "../protocol/publish_frame.ts";
import { Writer } from "../protocol/writer.ts";
import type { LoadConnection } from "./load_connection.ts";

const NOTHING = new Uint8Array(0);
const CHUNK_BYTES = 64 * 1024;

/**
 * Sends an empty retained message to each topic [MQTT-3.3.1-6] and waits until the broker has taken
 * them. Rejects when the connection is gone.
 */
export async function clearRetained(
  connection: LoadConnection,
  topicNames: readonly string[],
  version: ProtocolVersion,
): Promise<void> {
  const writer = new Writer();
  const topic = new Writer();
  for (const topicName of topicNames) {
    topic.length = 0;
    topic.utf8String(topicName);
    writePublish(writer, version, {
      encodedTopicName: topic.written(),
      encodedProperties: NOTHING,
      payloadBytes: NOTHING,
      payloadStart: 0,
      payloadEnd: 0,
    }, { ...newEnvelope(), retain: true });
    if (writer.length < CHUNK_BYTES) continue;
    await connection.outbox.write(writer.written());
    writer.length = 0;
  }
  await connection.outbox.write(writer.written());
  await connection.ping();
}

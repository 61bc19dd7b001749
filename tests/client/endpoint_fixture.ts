/**
 * Endpoints with everything off, and an exchange of messages by way of one.
 *
 * Owns nothing that outlives a call.
 */

import assert from "node:assert/strict";
import { Client } from "../../src/client/client.ts";
import type { Endpoint, TlsClientOptions } from "../../src/client/endpoint.ts";
import { openEndpoint } from "../../src/client/open_endpoint.ts";
import type { ProtocolVersion, QoS } from "../../src/protocol/packet.ts";
import { publishText, subscribePacket } from "../support/packets.ts";
import { clientOptions } from "./client_fixture.ts";
import { message } from "./session_fixture.ts";

export function endpoint(fields: Partial<Endpoint> = {}): Endpoint {
  return {
    host: "localhost",
    port: 1883,
    unixPath: undefined,
    tls: undefined,
    websocketPath: undefined,
    proxy: undefined,
    bindAddress: undefined,
    noDelay: true,
    ...fields,
  };
}

export function tlsOptions(fields: Partial<TlsClientOptions> = {}): TlsClientOptions {
  return {
    caCertificates: [],
    certificate: undefined,
    key: undefined,
    checkHostname: true,
    alpnProtocols: [],
    minimumVersion: undefined,
    ...fields,
  };
}

/** Larger than any buffer: several frames, several TLS records, several reads. */
const LARGE = "x".repeat(300_000);

const PAYLOADS = ["", "hello", LARGE];

/** Publishes with every QoS, small and large, and gets it all back. */
export async function exchange(
  place: Endpoint,
  protocolVersion: ProtocolVersion = 5,
): Promise<void> {
  const received: string[] = [];
  const { promise: complete, resolve } = Promise.withResolvers<void>();
  const client = new Client(clientOptions({ protocolVersion, keepAlive: 60 }), {
    message: (packet) => {
      received.push(publishText({ ...packet, packetIdentifier: 0 }));
      if (received.length === 3 * PAYLOADS.length) resolve();
    },
  });
  assert.equal((await client.connect(await openEndpoint(place))).reasonCode, 0);
  const { subscriptions } = subscribePacket(["a/#"]);
  assert.deepEqual((await client.subscribe(subscriptions, {})).reasonCodes, [2]);
  const sent: string[] = [];
  for (const qos of [0, 1, 2] satisfies QoS[]) {
    for (const payload of PAYLOADS) {
      const level = qos === 0 ? "" : ` qos${qos} #0`;
      sent.push(`a/${qos} ${payload}${level}`);
      await client.publish(message(`a/${qos}`, payload, { qos }));
    }
  }
  await complete;
  assert.deepEqual(received, sent);
  await client.disconnect();
  assert.deepEqual(await client.ended, { kind: "requested" });
}

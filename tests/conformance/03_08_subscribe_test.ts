/**
 * MQTT 5 sections 3.8 and 3.9, SUBSCRIBE and SUBACK. Which topics a filter matches is in
 * 04_07_topics_test.ts; retained messages are in 03_03_publish_flags_test.ts.
 */

import assert from "node:assert/strict";
import { PacketType, type QoS } from "../../src/protocol/packet.ts";
import { ReasonCode } from "../../src/protocol/reason_code.ts";
import { conformance, everyVersion, only31, only311, only5, since311 } from "./fixture.ts";
import { joined, noProperties, packet, properties, string, u16 } from "./wire.ts";

const { MalformedPacket, ProtocolError } = ReasonCode;

for (const flags of [0x0, 0x1, 0x3, 0xa]) {
  conformance(
    since311,
    `rejects SUBSCRIBE with flags 0x${flags.toString(16)} [MQTT-3.8.1-1]`,
    async (t) => {
      const client = await t.connect();
      const body = joined(u16(1), noProperties(t.version), string(t.topic()), 0);
      await client.sendBytes(packet(0x80 | flags, body));
      await client.expectRefusal(MalformedPacket);
    },
  );
}

conformance(
  only31,
  "takes SUBSCRIBE and UNSUBSCRIBE with DUP, section 2.1 of MQTT 3.1",
  async (t) => {
    const client = await t.connect();
    await client.sendBytes(packet(0x8a, u16(1), string(t.topic()), 0));
    await client.expect(PacketType.Suback);
    await client.sendBytes(packet(0xaa, u16(2), string(t.topic())));
    await client.expect(PacketType.Unsuback);
  },
);

conformance(since311, "rejects SUBSCRIBE without a filter [MQTT-3.8.3-2]", async (t) => {
  const client = await t.connect();
  await client.sendBytes(packet(0x82, u16(1), noProperties(t.version)));
  await client.expectRefusal(ProtocolError, MalformedPacket);
});

conformance(everyVersion, "rejects SUBSCRIBE without options after its filter", async (t) => {
  const client = await t.connect();
  await client.sendBytes(packet(0x82, u16(1), noProperties(t.version), string(t.topic())));
  await client.expectRefusal(MalformedPacket);
});

conformance(everyVersion, "rejects SUBSCRIBE whose second filter is cut short", async (t) => {
  const client = await t.connect();
  const body = joined(u16(1), noProperties(t.version), string(t.topic()), 0, u16(9), 0x61);
  await client.sendBytes(packet(0x82, body));
  await client.expectRefusal(MalformedPacket);
});

conformance(everyVersion, "rejects a Requested QoS of 3, section 3.8.3.1", async (t) => {
  const client = await t.connect();
  await client.sendBytes(packet(0x82, u16(1), noProperties(t.version), string(t.topic()), 3));
  await client.expectRefusal(ProtocolError, MalformedPacket);
});

for (const options of [0x40, 0x80, 0xc1]) {
  conformance(
    since311,
    `rejects reserved bits in Subscription Options: 0x${options.toString(16)} [MQTT-3.8.3-5]`,
    async (t) => {
      const client = await t.connect();
      const body = joined(u16(1), noProperties(t.version), string(t.topic()), options);
      await client.sendBytes(packet(0x82, body));
      await client.expectRefusal(MalformedPacket);
    },
  );
}

conformance(
  only311,
  "rejects the options of MQTT 5, MQTT-3.8.3-4 of MQTT 3.1.1",
  async (t) => {
    const client = await t.connect();
    await client.sendBytes(packet(0x82, u16(1), string(t.topic()), 0x04));
    await client.expectRefusal();
  },
);

conformance(only5, "rejects Retain Handling 3, section 3.8.3.1", async (t) => {
  const client = await t.connect();
  await client.sendBytes(packet(0x82, u16(1), 0, string(t.topic()), 0x30));
  await client.expectRefusal(ProtocolError, MalformedPacket);
});

conformance(only5, "rejects Subscription Identifier 0, section 3.8.2.1.2", async (t) => {
  const client = await t.connect();
  await client.sendBytes(packet(0x82, u16(1), properties(0x0b, 0), string(t.topic()), 0));
  await client.expectRefusal(ProtocolError, MalformedPacket);
});

conformance(only5, "rejects two Subscription Identifiers, section 3.8.2.1.2", async (t) => {
  const client = await t.connect();
  const two = properties(0x0b, 1, 0x0b, 2);
  await client.sendBytes(packet(0x82, u16(1), two, string(t.topic()), 0));
  await client.expectRefusal(ProtocolError, MalformedPacket);
});

conformance(only5, "takes User Properties in SUBSCRIBE, section 3.8.2.1.3", async (t) => {
  const client = await t.connect();
  await client.subscribe(t.topic(), {}, { userProperties: [["a", "1"], ["a", "2"]] });
});

conformance(
  everyVersion,
  "answers SUBSCRIBE with a SUBACK of its identifier [MQTT-3.8.4-1] [MQTT-3.8.4-2]",
  async (t) => {
    const client = await t.connect();
    const body = joined(u16(0xabcd), noProperties(t.version), string(t.topic()), 1);
    await client.sendBytes(packet(0x82, body));
    const suback = await client.expect(PacketType.Suback);
    assert.deepEqual([suback.packetIdentifier, suback.reasonCodes], [0xabcd, [1]]);
  },
);

for (const qos of [0, 1, 2] as const) {
  conformance(everyVersion, `grants QoS ${qos} [MQTT-3.8.4-7] [MQTT-3.9.3-2]`, async (t) => {
    const client = await t.connect();
    const suback = await client.requestSubscriptions([{ topicFilter: t.topic("#"), qos }]);
    assert.deepEqual(suback.reasonCodes, [qos]);
  });
}

conformance(
  everyVersion,
  "answers many filters with as many codes, in order [MQTT-3.8.4-5] [MQTT-3.8.4-6] [MQTT-3.9.3-1]",
  async (t) => {
    const client = await t.connect();
    const wanted: QoS[] = [2, 0, 1, 1, 0, 2, 2];
    const requests = wanted.map((qos, at) => ({ topicFilter: t.topic(`${at}/+`), qos }));
    const suback = await client.requestSubscriptions(requests);
    assert.deepEqual(suback.reasonCodes, wanted);
    for (const at of wanted.keys()) {
      await client.publish(t.topic(`${at}/x`), "x", { qos: 2 });
      assert.equal((await client.expectMessage(t.topic(`${at}/x`), "x")).qos, wanted[at]);
    }
  },
);

conformance(everyVersion, "takes one filter twice in one SUBSCRIBE [MQTT-3.8.4-5]", async (t) => {
  const client = await t.connect();
  const topicFilter = t.topic();
  const suback = await client.requestSubscriptions([{ topicFilter, qos: 0 }, {
    topicFilter,
    qos: 2,
  }]);
  assert.deepEqual(suback.reasonCodes, [0, 2]);
  await client.publish(topicFilter, "x", { qos: 2 });
  assert.equal((await client.expectMessage(topicFilter, "x")).qos, 2);
  await client.expectNothing();
});

for (const publishedAt of [0, 1, 2] as const) {
  for (const granted of [0, 1, 2] as const) {
    const delivered = Math.min(publishedAt, granted);
    conformance(
      everyVersion,
      `delivers QoS ${publishedAt} to a QoS ${granted} subscription at ${delivered} [MQTT-3.8.4-8]`,
      async (t) => {
        const client = await t.connect();
        await client.subscribe(t.topic(), { qos: granted });
        await client.publish(t.topic(), "x", { qos: publishedAt });
        assert.equal((await client.expectMessage(t.topic(), "x")).qos, delivered);
        await client.expectNothing();
      },
    );
  }
}

conformance(
  everyVersion,
  "replaces the subscription when its filter comes again [MQTT-3.8.4-3]",
  async (t) => {
    const client = await t.connect();
    await client.subscribe(t.topic("+"), { qos: 2 });
    await client.subscribe(t.topic("+"), { qos: 0 });
    await client.publish(t.topic("a"), "x", { qos: 2 });
    assert.equal((await client.expectMessage(t.topic("a"), "x")).qos, 0);
    await client.expectNothing();
  },
);

conformance(
  only5,
  "replaces options and Subscription Identifier too [MQTT-3.8.4-3]",
  async (t) => {
    const client = await t.connect();
    await client.subscribe(t.topic(), { noLocal: true }, { subscriptionIdentifiers: [5] });
    await client.subscribe(t.topic(), {}, { subscriptionIdentifiers: [6] });
    await client.publish(t.topic(), "1");
    const first = await client.expectMessage(t.topic(), "1");
    assert.deepEqual(first.properties.subscriptionIdentifiers, [6]);
    await client.subscribe(t.topic());
    await client.publish(t.topic(), "2");
    const second = await client.expectMessage(t.topic(), "2");
    assert.equal(second.properties.subscriptionIdentifiers, undefined);
    await client.subscribe(t.topic(), { noLocal: true });
    await client.publish(t.topic(), "3");
    await client.expectNothing();
  },
);

conformance(
  only5,
  "does not send a client its own messages with No Local [MQTT-3.8.3-3]",
  async (t) => {
    const client = await t.connect();
    const other = await t.connect();
    await client.subscribe(t.topic(), { noLocal: true, qos: 1 });
    await other.subscribe(t.topic(), { noLocal: true, qos: 1 });
    await client.publish(t.topic(), "from client", { qos: 1 });
    await other.publish(t.topic(), "from other", { qos: 1 });
    await client.expectMessage(t.topic(), "from other");
    await client.expectNothing();
    await other.expectMessage(t.topic(), "from client");
    await other.expectNothing();
  },
);

conformance(
  only5,
  "delivers for another filter that overlaps one with No Local [MQTT-3.8.3-3]",
  async (t) => {
    const client = await t.connect();
    await client.subscribe(t.topic("#"), { noLocal: true }, { subscriptionIdentifiers: [1] });
    await client.subscribe(t.topic("a"), {}, { subscriptionIdentifiers: [2] });
    await client.publish(t.topic("a"), "x");
    const message = await client.expectMessage(t.topic("a"), "x");
    assert.deepEqual(message.properties.subscriptionIdentifiers, [2]);
    await client.expectNothing();
  },
);

conformance(
  only5,
  "counts a message as a client's own after it has reconnected [MQTT-3.8.3-3]",
  async (t) => {
    const clientIdentifier = t.clientIdentifier();
    const client = await t.connectKeepingSession(clientIdentifier);
    await client.subscribe(t.topic(), { noLocal: true });
    await client.disconnect();
    const again = await t.connectKeepingSession(clientIdentifier);
    await again.publish(t.topic(), "x");
    await again.expectNothing();
  },
);

conformance(only5, "rejects No Local on a shared subscription [MQTT-3.8.3-4]", async (t) => {
  const client = await t.connect();
  const filter = string(`$share/group/${t.topic()}`);
  await client.sendBytes(packet(0x82, u16(1), 0, filter, 0x04));
  await client.expectRefusal(ProtocolError);
});

conformance(
  everyVersion,
  "delivers nothing that was published before the subscription, section 4.5",
  async (t) => {
    const client = await t.connect();
    await client.publish(t.topic(), "before", { qos: 1 });
    await client.subscribe(t.topic(), { qos: 1 });
    await client.publish(t.topic(), "after", { qos: 1 });
    await client.expectMessage(t.topic(), "after");
    await client.expectNothing();
  },
);

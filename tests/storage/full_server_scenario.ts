/**
 * A process for the test of a whole broker on a full disk: runs in a mount namespace of its own, and
 * prints what clients see, one line each.
 *
 * Arguments: a folder to mount on.
 */
import { PacketType } from "../../src/protocol/packet.ts";
import { ReasonCode } from "../../src/protocol/reason_code.ts";
import { type BrokerProcess, startBroker } from "../support/broker_process.ts";
import { fillDisk, mount } from "../support/mount_namespace.ts";
import { asText } from "../support/packet_text.ts";
import { RawClient } from "../support/raw_client.ts";

const AWAY = {
  clientIdentifier: "away",
  cleanStart: false,
  properties: { sessionExpiryInterval: 3600 },
};
const QOS_1 = { qos: 1 } as const;
/** More than what is left of a disk that is full. */
const LARGE = "x".repeat(20_000);

function print(line: string): void {
  console.log(line);
}

function printCode(what: string, reasonCode: ReasonCode): void {
  print(`${what}: 0x${reasonCode.toString(16).padStart(2, "0")}`);
}

function start(folder: string): Promise<BrokerProcess> {
  const config = "listeners: [{ address: 127.0.0.1, port: 0 }]\n" +
    `persistence: { path: ${folder}/broker.db }\n`;
  return startBroker({ config });
}

/** Starts to wait for messages with a session that outlives its connection. */
async function subscribeAndLeave(broker: BrokerProcess): Promise<void> {
  using away = await RawClient.connect(broker, 5, AWAY);
  await away.subscribe("kept", QOS_1);
  await away.disconnect();
}

/** What clients of each version are told about what cannot be stored. */
async function tryWhileFull(broker: BrokerProcess): Promise<void> {
  using five = await RawClient.connect(broker, 5);
  printCode("MQTT 5, to a session that is stored", await five.publish("kept", "refused", QOS_1));
  printCode("MQTT 5, QoS 2", await five.publish("kept", "refused", { qos: 2 }));
  printCode("MQTT 5, retained", await five.publish("r", "refused", { qos: 1, retain: true }));
  printCode("MQTT 5, to nobody", await five.publish("nobody", "1", QOS_1));
  using old = await RawClient.connect(broker, 4);
  await old.send(old.publishPacket("kept", "not acknowledged", QOS_1));
  await old.expectClosed();
  print("MQTT 3.1.1: closed without an acknowledgement");
  await five.barrier();
}

/** What concerns nobody whose session is stored goes on. */
async function tryLive(broker: BrokerProcess): Promise<void> {
  using live = await RawClient.connect(broker, 4);
  await live.subscribe("live", QOS_1);
  using publisher = await RawClient.connect(broker, 4);
  printCode("while full, to a clean session", await publisher.publish("live", "1", QOS_1));
  await live.expectMessage("live", "1");
}

async function printWaiting(broker: BrokerProcess): Promise<void> {
  using away = await RawClient.connect(broker, 5, AWAY);
  print(`session present: ${away.connack.sessionPresent}`);
  using publisher = await RawClient.connect(broker, 5);
  await publisher.publish("kept", "end", QOS_1);
  for (let text = ""; text !== "end";) {
    const packet = await away.find(PacketType.Publish);
    await away.acknowledge(packet);
    text = asText(packet.payload).replace(/x+$/, "");
    print(`received ${text}`);
  }
}

async function main(folder: string): Promise<void> {
  await mount("-t", "tmpfs", "-o", "size=1m", "tmpfs", folder);
  await using broker = await start(folder);
  await subscribeAndLeave(broker);
  using publisher = await RawClient.connect(broker, 5);
  printCode("before", await publisher.publish("kept", "before", QOS_1));
  const filling = fillDisk(folder);
  await publisher.send(publisher.publishPacket("kept", "held" + LARGE, QOS_1));
  await broker.waitForLine(/Cannot write '.*broker\.db': database or disk is full/);
  await tryWhileFull(broker);
  await tryLive(broker);
  await Deno.remove(filling);
  // That it can be written again may be told a minute later.
  printCode("held until there was room", (await publisher.find(PacketType.Puback)).reasonCode);
  using again = await RawClient.connect(broker, 4);
  printCode("MQTT 3.1.1, again", await again.publish("kept", "sent again", QOS_1));
  await broker.kill();
  await using restarted = await start(folder);
  await printWaiting(restarted);
}

if (import.meta.main) await main(Deno.args[0] as string);

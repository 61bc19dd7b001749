/**
 * mosquitto_sub and mosquitto_pub against the broker as a process, over MQTT 3.1, 3.1.1 and 5.
 *
 * A subscriber says that it is subscribed by printing a retained message that is there before it.
 */

import assert from "node:assert/strict";
import { startBroker } from "../support/broker_process.ts";
import { RunningProgram, runProgram, testWithPrograms } from "../support/programs.ts";

const CLIENTS = ["mosquitto_sub", "mosquitto_pub"];
const VERSIONS = ["mqttv31", "mqttv311", "mqttv5"];

function address({ port }: { port: number }, version = "mqttv311"): string[] {
  return ["-h", "127.0.0.1", "-p", String(port), "-V", version];
}

/**
 * Starts mosquitto_sub, to end after `count` messages; resolves when it is subscribed. Its lines are
 * "topic QoS retain payload"; the first is "ready/NAME 1 1 yes".
 */
async function subscribe(
  broker: { port: number },
  version: string,
  { name = "sub", count, args }: { name?: string; count: number; args: string[] },
): Promise<RunningProgram> {
  const ready = ["-t", `ready/${name}`, "-q", "1"];
  await runProgram("mosquitto_pub", [...address(broker, version), ...ready, "-r", "-m", "yes"]);
  const program = new RunningProgram("mosquitto_sub", [
    ...address(broker, version),
    ...args,
    ...ready,
    ...["-q", "2", "-C", String(count + 1), "-F", "%t %q %r %p"],
  ]);
  await program.waitForLine(/^ready/);
  return program;
}

for (const version of VERSIONS) {
  testWithPrograms(CLIENTS, `${version}: mosquitto_sub gets every QoS`, async () => {
    await using broker = await startBroker();
    await using subscriber = await subscribe(broker, version, {
      count: 3,
      args: ["-t", "home/#"],
    });
    for (const qos of ["0", "1", "2"]) {
      const message = ["-t", `home/${qos}`, "-m", `message ${qos}`, "-q", qos];
      await runProgram("mosquitto_pub", [...address(broker, version), ...message]);
    }
    assert.deepEqual((await subscriber.allLines()).toSorted(), [
      "home/0 0 0 message 0",
      "home/1 1 0 message 1",
      "home/2 2 0 message 2",
      "ready/sub 1 1 yes",
    ]);
  });

  testWithPrograms(CLIENTS, `${version}: mosquitto_sub gets a retained message`, async () => {
    await using broker = await startBroker();
    const message = ["-t", "home/temp", "-m", "21.5", "-r", "-q", "1"];
    await runProgram("mosquitto_pub", [...address(broker, version), ...message]);
    const filter = ["-t", "home/#", "-v", "-C", "1"];
    const printed = await runProgram("mosquitto_sub", [...address(broker, version), ...filter]);
    assert.equal(printed, "home/temp 21.5\n");
  });

  testWithPrograms(CLIENTS, `${version}: mosquitto_sub resumes its session`, async () => {
    await using broker = await startBroker();
    const expiry = version === "mqttv5" ? ["-x", "600"] : [];
    const session = ["-c", "-i", "resuming", "-t", "news", "-q", "1", ...expiry];
    await runProgram("mosquitto_sub", [...address(broker, version), ...session, "-E"]);
    for (const payload of ["1", "2", "3"]) {
      const message = ["-t", "news", "-m", payload, "-q", "1"];
      await runProgram("mosquitto_pub", [...address(broker, version), ...message]);
    }
    const missed = [...address(broker, version), ...session, "-C", "3"];
    assert.equal(await runProgram("mosquitto_sub", missed), "1\n2\n3\n");
  });

  testWithPrograms(CLIENTS, `${version}: the Will of a killed mosquitto_sub comes`, async () => {
    await using broker = await startBroker();
    await using watcher = await subscribe(broker, version, {
      count: 1,
      args: ["-t", "status/+"],
    });
    const will = ["--will-topic", "status/killed", "--will-payload", "offline", "--will-qos", "1"];
    const killed = await subscribe(broker, version, { name: "other", count: 1, args: will });
    await killed[Symbol.asyncDispose]();
    assert.deepEqual(await watcher.allLines(), ["ready/sub 1 1 yes", "status/killed 1 0 offline"]);
  });
}

testWithPrograms(CLIENTS, "mqttv5: mosquitto_sub gets the properties of a message", async () => {
  await using broker = await startBroker();
  const properties = [
    ["content-type", "text/plain"],
    ["response-topic", "answers"],
    ["user-property", "room", "kitchen"],
  ].flatMap((property) => ["-D", "publish", ...property]);
  const message = ["-t", "question", "-m", "why", "-q", "1", "-r"];
  const publish = [...address(broker, "mqttv5"), ...message, ...properties];
  await runProgram("mosquitto_pub", publish);
  const filter = ["-t", "question", "-C", "1", "-F", "%p, %C, %R, %P"];
  assert.equal(
    await runProgram("mosquitto_sub", [...address(broker, "mqttv5"), ...filter]),
    "why, text/plain, answers, room:kitchen\n",
  );
});

testWithPrograms(CLIENTS, "mosquitto_sub reads $SYS topics by Mosquitto's names", async () => {
  await using broker = await startBroker();
  const filters = ["version", "uptime", "clients/connected"].flatMap((name) => [
    "-t",
    `$SYS/broker/${name}`,
  ]);
  const args = [...address(broker), ...filters, "-C", "3", "-F", "%t"];
  const printed = await runProgram("mosquitto_sub", args);
  assert.deepEqual(printed.trimEnd().split("\n").toSorted(), [
    "$SYS/broker/clients/connected",
    "$SYS/broker/uptime",
    "$SYS/broker/version",
  ]);
});

/**
 * ACL files by Mosquitto itself and by our engine: who may publish and who receives what.
 *
 * For each file a Mosquitto runs on loopback. Every client publishes every topic, and an observer,
 * who may do everything, notes what arrives; then the observer publishes every topic, and the client
 * notes what arrives by its subscription to "#". The answer to UNSUBSCRIBE says that nothing is still
 * on its way.
 */

import assert from "node:assert/strict";
import type { MqttClient } from "mqtt";
import { parseAclFile } from "../../src/config/acl_file.ts";
import { RuleEngine } from "../../src/access/rules.ts";
import { MqttJsClient } from "../support/mqttjs_client.ts";
import { testWithPrograms } from "../support/programs.ts";
import { MosquittoBroker } from "./mosquitto_broker.ts";

const OBSERVER = "user observer\ntopic readwrite #\n";

const TOPICS = [
  "hall/light",
  "home",
  "home/temp",
  "home/secret",
  "home/secret/deep",
  "dev/d1/state",
  "dev/d2/state",
  "user/alice",
  "user/bob/x",
  "%c/%u",
  "a b/c",
];

type Client = [clientIdentifier: string, username: string | undefined];

const CLIENTS: Client[] = [["d1", undefined], ["d2", "alice"], ["d3", "bob"], ["d4", "carol"]];

const FILES: Record<string, string> = {
  "sections of users, and one for anonymous clients": [
    "topic read hall/#",
    "topic write home/+",
    "user alice",
    "topic home/#",
    "topic readwrite a b/c",
    "user bob",
    "topic read #",
    "topic write user/bob/#",
  ].join("\n"),
  "deny goes first, wherever it stands": [
    "user alice",
    "topic home/#",
    "topic deny home/secret/#",
    "user bob",
    "topic deny home/temp",
    "topic read #",
  ].join("\n"),
  "patterns are for everybody": [
    "pattern readwrite dev/%c/#",
    "pattern read user/%u",
    "pattern write user/%u/#",
    "pattern read hall/light",
    "user alice",
    "topic %c/%u",
  ].join("\n"),
  "what a topic line allows, no pattern denies": [
    "pattern deny home/secret",
    "pattern read home/#",
    "pattern deny dev/%c/state",
    "pattern write +/+/state",
    "user alice",
    "topic home/secret",
    "user bob",
    "topic deny home/temp",
  ].join("\n"),
  "a file without rules for others": "# nothing",
};

for (const [name, text] of Object.entries(FILES)) {
  testWithPrograms(["mosquitto"], `ACL file as Mosquitto reads it: ${name}`, async () => {
    const acl = `${text}\n${OBSERVER}`;
    assert.deepEqual(ours(acl, CLIENTS), await theirs(acl, CLIENTS));
  });
}

testWithPrograms(["mosquitto"], "names with + and # have no access by patterns", async () => {
  const acl = `pattern dev/%c/#\npattern user/%u\npattern read home\n${OBSERVER}`;
  const clients: Client[] = [["+", "alice"], ["d#", undefined], ["d5", "+"], ["d6", "ali+"]];
  const result = await theirs(acl, clients);
  assert.deepEqual(ours(acl, clients), result);
  assert.ok(result.every(({ published, received }) => published.length + received.length === 0));
});

testWithPrograms(
  ["mosquitto"],
  "a name with / is put into patterns by Mosquitto alone",
  async () => {
    const acl = `pattern dev/%c\n${OBSERVER}`;
    const clients: Client[] = [["d1/state", undefined]];
    assert.deepEqual((await theirs(acl, clients))[0]?.published, ["dev/d1/state"]);
    assert.deepEqual(ours(acl, clients)[0]?.published, []);
  },
);

const BROKEN = ["topic", "topic reed a", "topic read a/#/b", "user", "topic\tread a", " # comment"];
for (const line of BROKEN) {
  testWithPrograms(["mosquitto"], `${JSON.stringify(line)} stops Mosquitto too`, async () => {
    assert.equal(parseAclFile("acl", line).problems.length, 1);
    await assert.rejects(Mosquitto.start(line), /acl_file/);
  });
}

interface Access {
  client: Client;
  published: string[];
  received: string[];
}

/** What our engine allows. */
function ours(acl: string, clients: Client[]): Access[] {
  const { layers, problems } = parseAclFile("acl", acl);
  assert.deepEqual(problems, []);
  const engine = new RuleEngine(layers);
  return clients.map((client) => {
    const [clientIdentifier, username] = client;
    const origin = { groups: [], listener: "default", address: "127.0.0.1" };
    const rules = engine.compile({ clientIdentifier, username, ...origin });
    return {
      client,
      published: TOPICS.filter((topic) => rules.mayPublish(topic).allowed),
      received: TOPICS.filter((topic) => rules.mayReceive(topic).allowed),
    };
  });
}

/** What Mosquitto allows. */
async function theirs(acl: string, clients: Client[]): Promise<Access[]> {
  await using broker = await Mosquitto.start(acl);
  await using observer = await broker.connect(["observer", "observer"]);
  const result: Access[] = [];
  for (const client of clients) {
    await using subject = await broker.connect(client);
    result.push({
      client,
      published: await arrivals(subject.client, observer.client),
      received: await arrivals(observer.client, subject.client),
    });
  }
  return result;
}

/** The topics that get from one client to the other. */
async function arrivals(from: MqttClient, to: MqttClient): Promise<string[]> {
  const arrived = new Set<string>();
  const note = (topic: string) => void arrived.add(topic);
  to.on("message", note);
  await to.subscribeAsync("#", { qos: 0 });
  for (const topic of TOPICS) await from.publishAsync(topic, "x", { qos: 1 });
  // Its answer comes after every message that was on its way.
  await to.unsubscribeAsync("#");
  to.off("message", note);
  return TOPICS.filter((topic) => arrived.has(topic));
}

/** A Mosquitto with an ACL file. */
class Mosquitto implements AsyncDisposable {
  readonly #broker: MosquittoBroker;
  readonly #acl: string;

  private constructor(broker: MosquittoBroker, acl: string) {
    this.#broker = broker;
    this.#acl = acl;
  }

  /** Rejects with what it printed when it does not start. */
  static async start(acl: string): Promise<Mosquitto> {
    const path = await Deno.makeTempFile({ prefix: "mosquitto-acl-" });
    await Deno.writeTextFile(path, `${acl}\n`);
    try {
      const lines = ["allow_anonymous true", `acl_file ${path}`];
      return new Mosquitto(await MosquittoBroker.start(lines), path);
    } catch (error) {
      await Deno.remove(path);
      throw error;
    }
  }

  connect([clientId, username]: Client): Promise<MqttJsClient> {
    const names = { clientId, ...username === undefined ? {} : { username } };
    return MqttJsClient.connect({ url: this.#broker.url }, { protocolVersion: 4, ...names });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#broker[Symbol.asyncDispose]();
    await Deno.remove(this.#acl);
  }
}

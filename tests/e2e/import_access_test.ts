/**
 * Who may what: Mosquitto with an ACL file, and our broker with what the import made of it, asked the
 * same by MQTT.js. Each client publishes every topic, and an observer notes what arrives; then the
 * observer publishes every topic, and the client notes what arrives. The files are random; a seed
 * makes the same file on every machine.
 */

import assert from "node:assert/strict";
import type { MqttClient } from "mqtt";
import { passwordLines } from "../import/fixture.ts";
import { Random } from "../simulation/random.ts";
import { MqttJsClient, type MqttUrl } from "../support/mqttjs_client.ts";
import { testWithPrograms } from "../support/programs.ts";
import { OldSite } from "./import_fixture.ts";

const USERS = ["ann", "bob", "cal"];
const CLIENTS = [...USERS, undefined];
const TOPICS = ["hall", "hall/light", "home/x", "home/x/y", "dev/c-ann/x", "dev/c-bob", "u/bob/x"];
const FILTERS = [
  "#",
  "+",
  "hall/#",
  "home/+",
  "home/x",
  "+/x/#",
  "dev/+/x",
  "u/bob/#",
  "hall/light",
];
/** Patterns that roles can say, when none of them denies; and others. */
const SAFE_PATTERNS = ["dev/%c/#", "dev/%c", "+/%c/x"];
const PATTERNS = [...SAFE_PATTERNS, "u/%u/#", "hall/%u"];
const ACCESSES = ["read", "write", "readwrite", "deny"];

type PatternKind = "no patterns" | "safe patterns" | "patterns";

function randomAcl(random: Random, kind: PatternKind): string {
  const topic = () => `topic ${random.pick(ACCESSES)} ${random.pick(FILTERS)}\n`;
  const sections = ["", ...USERS.map((user) => `user ${user}\n`)].map((head) =>
    head + random.several(random.below(4), topic).join("")
  );
  const patterns = randomPatterns(random, kind);
  return [...sections, ...patterns, "user observer\ntopic readwrite #\n"].join("");
}

function randomPatterns(random: Random, kind: PatternKind): string[] {
  const [accesses, topics] = kind === "patterns"
    ? [ACCESSES, PATTERNS]
    : [ACCESSES.filter((word) => word !== "deny"), SAFE_PATTERNS];
  const pattern = () => `pattern ${random.pick(accesses)} ${random.pick(topics)}\n`;
  if (kind === "no patterns") return [];
  const some = random.several(3, pattern);
  return kind === "patterns" ? ["pattern deny hall/%u\n", ...some] : some;
}

async function connect(broker: MqttUrl, name: string | undefined): Promise<MqttJsClient> {
  const login = name === undefined ? {} : { username: name, password: name };
  const clientId = `c-${name ?? "none"}`;
  return await MqttJsClient.connect(broker, { protocolVersion: 4, clientId, ...login });
}

/** What each client may publish to others, and what it gets of theirs. */
async function decisions(broker: MqttUrl): Promise<Record<string, string[]>> {
  await using observer = await connect(broker, "observer");
  const result: Record<string, string[]> = {};
  for (const name of CLIENTS) {
    await using client = await connect(broker, name);
    result[`${name} publishes`] = await arrivals(client.client, observer.client);
    result[`${name} receives`] = await arrivals(observer.client, client.client);
  }
  return result;
}

/** The topics that get from one client to the other. */
async function arrivals(from: MqttClient, to: MqttClient): Promise<string[]> {
  const arrived = new Set<string>();
  const note = (topic: string) => void arrived.add(topic);
  to.on("message", note);
  await to.subscribeAsync("#", { qos: 0 }).catch(() => undefined); // Refused: nothing arrives.
  for (const topic of TOPICS) await from.publishAsync(topic, "x", { qos: 1 });
  // Its answer comes after every message that was on its way.
  await to.unsubscribeAsync("#");
  to.off("message", note);
  return TOPICS.filter((topic) => arrived.has(topic));
}

const CASES: readonly (readonly [seed: number, kind: PatternKind])[] = [
  [1, "no patterns"],
  [2, "no patterns"],
  [3, "safe patterns"],
  [4, "safe patterns"],
  [5, "patterns"],
  [6, "patterns"],
];

for (const [seed, kind] of CASES) {
  const isFile = kind === "patterns";
  testWithPrograms(
    ["mosquitto"],
    `imported rules decide as Mosquitto does: ${kind}, as ${
      isFile ? "the file" : "roles"
    } (seed ${seed})`,
    async () => {
      const acl = randomAcl(new Random(seed), kind);
      await using site = await OldSite.make({
        "mosquitto.conf": "pid_file DIR/mosquitto.pid\nuser root\nlog_dest stderr\n" +
          "listener PORT 127.0.0.1\n" +
          "allow_anonymous true\npassword_file DIR/passwd\nacl_file DIR/acl\n",
        passwd: passwordLines(...USERS, "observer"),
        acl,
      });
      let theirs: Record<string, string[]>;
      {
        await using mosquitto = await site.start();
        theirs = await decisions(mosquitto);
      }
      const yaml = await site.import();
      assert.equal(yaml.includes("\nacl_files:"), isFile);
      assert.equal(yaml.includes("\nroles:"), !isFile);
      await using ours = await site.startOurs(yaml);
      assert.deepEqual(await decisions(ours), theirs, acl);
      const allowed = Object.values(theirs).flat().length;
      assert.ok(allowed > 0 && allowed < 2 * CLIENTS.length * TOPICS.length, "it decides nothing");
    },
  );
}

/**
 * Password and ACL files of Mosquitto, used as they are: with the outcome that Mosquitto's own broker
 * has with them, asked by MQTT.js.
 */

import assert from "node:assert/strict";
import type { IClientOptions, MqttClient } from "mqtt";
import { MADE_ELSEWHERE } from "../access/password_fixture.ts";
import { temporaryFolder } from "../storage/fixture.ts";
import { MqttJsClient, type MqttUrl } from "../support/mqttjs_client.ts";
import { runProgram, testWithPrograms } from "../support/programs.ts";
import { hashOf, ONE_LISTENER, Site } from "./access_fixture.ts";
import { MosquittoBroker } from "./mosquitto_broker.ts";

type Login = readonly [username: string | undefined, password: string | undefined];

const OPEN = "listeners:\n  - {address: 127.0.0.1, port: 0, allow_anonymous: always}\n";

/** A path on a line of YAML. */
function quoted(path: string): string {
  return JSON.stringify(path.replaceAll("\\", "/"));
}

function connect(broker: MqttUrl, [username, password]: Login, options: IClientOptions = {}) {
  const login = {
    ...username === undefined ? {} : { username },
    ...password === undefined ? {} : { password },
  };
  return MqttJsClient.connect(broker, { protocolVersion: 4, ...login, ...options });
}

/** For each login, whether the broker lets it in. All at once: ours is slow to say no. */
async function accepted(broker: MqttUrl, logins: readonly Login[]): Promise<boolean[]> {
  return await Promise.all(logins.map(async (login) => {
    try {
      await using _client = await connect(broker, login);
      return true;
    } catch {
      return false;
    }
  }));
}

/** What our broker does with a password file. Local addresses are never banned, so all may be tried. */
async function acceptedByUs(file: string, logins: readonly Login[]): Promise<boolean[]> {
  const config = `${ONE_LISTENER}authentication: {password_files: [${quoted(file)}]}\n`;
  await using site = await Site.start(config);
  return await accepted(site.process, logins);
}

async function acceptedByMosquitto(file: string, logins: readonly Login[]): Promise<boolean[]> {
  const lines = ["allow_anonymous false", `password_file ${file}`];
  await using mosquitto = await MosquittoBroker.start(lines);
  return await accepted(mosquitto, logins);
}

/** Adds a user with Mosquitto's tool. False when this version does not know the format. */
async function add(file: string, format: readonly string[], [user, password]: readonly string[]) {
  try {
    await runProgram("mosquitto_passwd", [...format, "-b", file, `${user}`, `${password}`]);
    return true;
  } catch {
    return false;
  }
}

testWithPrograms(
  ["mosquitto", "mosquitto_passwd"],
  "users that mosquitto_passwd made log in as with Mosquitto",
  async () => {
    using folder = temporaryFolder();
    const file = `${folder.path}/passwords`;
    await Deno.writeTextFile(file, "", { mode: 0o600 });
    const users: [format: string[], user: string, password: string][] = [
      [[], "ann", "secret"],
      [["-H", "sha512"], "bob", "pass:word $6$ %"],
      [["-H", "sha512-pbkdf2"], "J\u00f6rg B", "gr\u00fcn \u20ac"],
      [["-I", "1000"], "dan", "x".repeat(200)],
      [["-H", "argon2id"], "eve", "2.1"],
    ];
    const made: Login[] = [];
    for (const [format, ...user] of users) if (await add(file, format, user)) made.push(user);
    assert.deepEqual(made.map(([user]) => user).slice(0, 3), ["ann", "bob", "J\u00f6rg B"]);
    const wrong: Login[] = [
      ["ann", "Secret"],
      ["ann", ""],
      ["ann", undefined],
      ["bob", "secret"],
      ["nobody", "secret"],
      [undefined, undefined],
    ];
    const logins = [...made, ...wrong];
    const expected = [...made.map(() => true), ...wrong.map(() => false)];
    assert.deepEqual(await acceptedByMosquitto(file, logins), expected);
    assert.deepEqual(await acceptedByUs(file, logins), expected);
  },
);

Deno.test("users whose hashes other programs and versions have made log in", async () => {
  using folder = temporaryFolder();
  const file = `${folder.path}/passwords`;
  const lines = MADE_ELSEWHERE.map(({ hash }, number) => `user${number}:${hash}\n`);
  await Deno.writeTextFile(file, lines.join(""), { mode: 0o600 });
  const right = MADE_ELSEWHERE.map(({ password }, number): Login => [`user${number}`, password]);
  const wrong = MADE_ELSEWHERE.map((_, number): Login => [`user${number}`, "wrong"]);
  assert.deepEqual(await acceptedByUs(file, [...right, ...wrong]), [
    ...right.map(() => true),
    ...wrong.map(() => false),
  ]);
});

/** Comments, sections, patterns, denials and names with blanks, as people have them. */
const ACL = `# for everybody who gives no name
topic read hall/#
topic write home/+

user ann
topic readwrite home/#
topic deny home/secret/#
topic read $SYS/broker/version

# him too
user bob
topic read #
topic write a b/c

pattern readwrite dev/%c/#
pattern read user/%u/#
pattern write user/%u

user observer
topic readwrite #
`;

const TOPICS = [
  "hall/light",
  "home",
  "home/temp",
  "home/secret",
  "home/secret/deep",
  "dev/c-ann/state",
  "dev/c-bob/state",
  "dev/c-none/state",
  "user/ann",
  "user/ann/x",
  "user/bob/x",
  "a b/c",
];

const CLIENTS: readonly (string | undefined)[] = ["ann", "bob", "cal", undefined];

/** What each client may publish to others, and what it gets of theirs. */
async function access(broker: MqttUrl): Promise<Record<string, string[]>> {
  await using observer = await connect(broker, ["observer", "observer"]);
  const result: Record<string, string[]> = {};
  for (const name of CLIENTS) {
    const clientId = `c-${name ?? "none"}`;
    await using client = await connect(broker, [name, name], { clientId });
    result[`${clientId} publishes`] = await arrivals(client.client, observer.client);
    result[`${clientId} receives`] = await arrivals(observer.client, client.client);
    result[`${clientId} has a Will`] = await willArrivals(broker, name, observer.client);
  }
  return result;
}

/** The topics that get from one client to the other. */
async function arrivals(from: MqttClient, to: MqttClient): Promise<string[]> {
  return await arriving(to, async () => {
    for (const topic of TOPICS) await from.publishAsync(topic, "x", { qos: 1 });
  });
}

/** Ours refuses the client at CONNECT, Mosquitto drops its Will: nothing arrives either way. */
async function willArrivals(broker: MqttUrl, name: string | undefined, observer: MqttClient) {
  return await arriving(observer, async () => {
    for (const topic of TOPICS) {
      const will = { topic, payload: Buffer.from("x"), qos: 1 } as const;
      const clientId = `c-${name ?? "none"}`;
      await using client = await connect(broker, [name, name], { clientId: `${clientId}-w`, will })
        .catch(() => undefined);
      if (client === undefined) continue;
      // A take-over that is waited for: then the Will has been published.
      await using _next = await connect(broker, [name, name], { clientId: `${clientId}-w` });
    }
  });
}

async function arriving(to: MqttClient, send: () => Promise<void>): Promise<string[]> {
  const arrived = new Set<string>();
  const note = (topic: string) => void arrived.add(topic);
  to.on("message", note);
  await to.subscribeAsync("#", { qos: 0 });
  await send();
  // Its answer comes after every message that was on its way.
  await to.unsubscribeAsync("#");
  to.off("message", note);
  return TOPICS.filter((topic) => arrived.has(topic));
}

testWithPrograms(
  ["mosquitto"],
  "an ACL file with a password file gives everybody the rights that Mosquitto gives",
  async () => {
    using folder = temporaryFolder();
    const [acl, passwords] = [`${folder.path}/acl`, `${folder.path}/passwords`];
    const users = ["ann", "bob", "cal", "observer"].map((name) => `${name}:${hashOf(name)}\n`);
    await Deno.writeTextFile(acl, ACL, { mode: 0o600 });
    await Deno.writeTextFile(passwords, users.join(""), { mode: 0o600 });
    const lines = ["allow_anonymous true", `password_file ${passwords}`, `acl_file ${acl}`];
    await using mosquitto = await MosquittoBroker.start(lines);
    const theirs = await access(mosquitto);
    assert.deepEqual(theirs["c-ann publishes"], [
      "home",
      "home/temp",
      "dev/c-ann/state",
      "user/ann",
    ]);
    assert.deepEqual(theirs["c-ann has a Will"], ["home", "home/temp", "user/ann"]);
    await using site = await Site.start(
      `${OPEN}acl_files: [${quoted(acl)}]\n` +
        `authentication: {password_files: [${quoted(passwords)}]}\n`,
    );
    assert.deepEqual(await access(site.process), theirs);
  },
);

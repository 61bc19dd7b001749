/**
 * `broker explain` against what a client of MQTT.js experiences with the same configuration.
 *
 * Users have their name as password.
 */

import assert from "node:assert/strict";
import { explain } from "../../src/cli/explain.ts";
import { runBroker } from "../support/broker_process.ts";
import { listenerText, publish, Site, subscribe, usersText } from "./access_fixture.ts";

const NOT_AUTHORIZED = 0x87;

const CONFIG = `listeners:
${listenerText("name: all")}
${listenerText('name: tv, mount_point: tv/, max_qos: 1, clientid_prefixes: ["tv-"]', 2)}
${listenerText("name: open, allow_anonymous: always", 3)}
${listenerText("name: named, use_username_as_clientid: true", 4)}
${usersText("ann", "bob", "cal")}
acl_files: [acl]
roles:
  - name: family
    users: [ann, bob]
    allow: ["readwrite home/#", "publish by/%u/%c", "subscribe home/+/#"]
    deny: ["publish home/door", "subscribe home/secret/#"]
  - {name: tvs, listeners: [tv], allow: ["readwrite tv/open/#"]}
  - {name: here, networks: [127.0.0.1], client_identifiers: [here], allow: ["publish here"]}
  - {name: elsewhere, networks: [10.0.0.0/8], allow: ["readwrite elsewhere"]}
  - {name: guests, anonymous: true, allow: ["subscribe home/public"]}
`;

const ACL = `user cal
topic read cal/#
topic deny cal/x
pattern write own/%c/#
`;

interface Client {
  readonly host: 1 | 2 | 3 | 4;
  readonly user: string | undefined;
  readonly client: string;
}

interface Wish {
  readonly action: "publish" | "subscribe";
  readonly topic: string;
  readonly qos: 0 | 1 | 2;
}

const LISTENERS = { 1: "all", 2: "tv", 3: "open", 4: "named" } as const;

const CLIENTS: readonly Client[] = [
  { host: 1, user: "ann", client: "c" },
  { host: 1, user: "cal", client: "c" },
  { host: 1, user: undefined, client: "c" },
  { host: 1, user: "nobody", client: "c" },
  { host: 1, user: "bob", client: "here" },
  { host: 2, user: "ann", client: "tv-1" },
  { host: 2, user: "ann", client: "c" },
  { host: 3, user: undefined, client: "c" },
  { host: 4, user: "bob", client: "c" },
];

/** The last one may end the connection. */
const WISHES: readonly Wish[] = [
  ...["home/lamp", "home/door", "by/bob/bob", "by/ann/c", "own/c/a", "here", "open/a"].map(
    (topic) => ({ action: "publish", topic, qos: 1 }) as const,
  ),
  ...["home/#", "home/secret/a", "home/public", "cal/#", "cal/x", "#", "elsewhere"].map(
    (topic) => ({ action: "subscribe", topic, qos: 2 }) as const,
  ),
  { action: "subscribe", topic: "$share/g/home/lamp", qos: 0 },
  { action: "subscribe", topic: "$SYS/#", qos: 0 },
  { action: "publish", topic: "$SYS/broker/version", qos: 1 },
  { action: "publish", topic: "open/q", qos: 2 },
];

function nameOf({ host, user, client }: Client, { action, topic, qos }: Wish): string {
  return `${LISTENERS[host]} ${user} ${client} ${action} ${topic} q${qos}`;
}

/** What the command says, asked in this process. */
async function explained(config: string, { host, user, client }: Client, wish: Wish) {
  let printed = "";
  const note = (text: string) => void (printed += text);
  const exitCode = await explain({
    config,
    ...wish,
    clientIdentifier: client,
    username: user,
    groups: [],
    address: "127.0.0.1",
    listener: LISTENERS[host],
  }, { out: note, err: note });
  assert.notEqual(exitCode, 2, printed);
  return exitCode === 0;
}

/** What a client experiences; every wish in turn. */
async function experienced(site: Site, { host, user, client }: Client): Promise<boolean[]> {
  const connected = await site.connect(user, { clientId: client }, host).catch(() => undefined);
  if (connected === undefined) return WISHES.map(() => false);
  await using mqtt = connected;
  const dismissed = new Promise<number>((resolve) => {
    mqtt.client.once("close", () => resolve(NOT_AUTHORIZED));
  });
  const seen: boolean[] = [];
  for (const { action, topic, qos } of WISHES) {
    const answer = action === "publish"
      ? publish(mqtt, topic, "x", { qos })
      : subscribe(mqtt, topic, qos).then(([code = NOT_AUTHORIZED]) => code);
    seen.push(await Promise.race([answer, dismissed]) < 0x80);
  }
  return seen;
}

Deno.test("broker explain says what a client experiences", async () => {
  await using site = await Site.start(CONFIG, { files: { acl: ACL } });
  const said: Record<string, boolean> = {};
  const seen: Record<string, boolean> = {};
  for (const client of CLIENTS) {
    const experience = await experienced(site, client);
    for (const [index, wish] of WISHES.entries()) {
      seen[nameOf(client, wish)] = experience[index] ?? false;
      said[nameOf(client, wish)] = await explained(site.configFile, client, wish);
    }
  }
  assert.deepEqual(said, seen);
  // Both answers are among them, for publishing and for subscribing.
  for (const action of ["publish", "subscribe"]) {
    const answers = Object.entries(seen).filter(([name]) => name.includes(` ${action} `));
    assert.deepEqual([...new Set(answers.map(([, answer]) => answer))].toSorted(), [false, true]);
  }
});

Deno.test("broker explain as a command answers with its exit code", async () => {
  await using site = await Site.start(CONFIG, { files: { acl: ACL } });
  const ask = async (...args: string[]) => {
    const who = ["--client", "c", "--user", "ann", "--listener", "all", "--from", "127.0.0.1"];
    const run = await runBroker(["explain", "--config", site.configFile, ...who, ...args]);
    return [run.code, run.stdout.split("\n").slice(0, 2).map((line) => line.trim())];
  };
  const ann = "client 'c' (user 'ann', from 127.0.0.1, listener 'all')";
  const role = `of role 'family', ${site.configFile}`;
  const [yes, no] = await Promise.all([
    ask("publish", "home/lamp"),
    ask("publish", "home/door"),
  ]);
  assert.deepEqual(yes, [0, [
    `Yes: ${ann} may publish 'home/lamp'`,
    `allowed by 'allow readwrite home/#' ${role}:19`,
  ]]);
  assert.deepEqual(no, [1, [
    `No: ${ann} may not publish 'home/door'`,
    `denied by 'deny publish home/door' ${role}:20`,
  ]]);
});

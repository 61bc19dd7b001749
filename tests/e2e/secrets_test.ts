/**
 * No secret reaches a log, a report of `broker check` or the answer to a reload, whatever goes right or
 * wrong with it, and however much is logged.
 *
 * Each secret is a text of its own, looked for in everything that was printed: as it is and in base64.
 */

import assert from "node:assert/strict";
import { sign } from "../access/jwt_fixture.ts";
import { WebhookServer } from "../access/webhook_server.ts";
import { temporaryFolder } from "../storage/fixture.ts";
import { runBroker } from "../support/broker_process.ts";
import type { MqttJsClient } from "../support/mqttjs_client.ts";
import { canReload, hashOf, ONE_LISTENER, publish, Site, subscribe } from "./access_fixture.ts";

const JWT_KEY = "k3y-of-the-tokens-with-32-bytes-and-more";
const RIGHT = "r1ght-p4ssword";
const WRONG = "wr0ng-p4ssword";
const HEADER = "Bearer h34der-of-the-webhook";
const URL_PART = "p4th-of-the-webhook";
const PAYLOAD = "p4yload";
const WILL = "l4st-words";
const CORRELATION = "c0rrelation";
const USER_PROPERTY = "pr0perty";

/** Fails with the line where a secret was found. */
function assertNone(printed: readonly string[], secrets: readonly string[]): void {
  const texts = secrets.flatMap((secret) => [secret, btoa(secret).replace(/=+$/, "")]);
  const found = printed.filter((line) => texts.some((text) => line.includes(text)));
  assert.deepEqual(found, []);
}

/** Puts variables into the environment of the processes that are started from here on. */
function environment(variables: Readonly<Record<string, string>>): Disposable {
  for (const [name, value] of Object.entries(variables)) Deno.env.set(name, value);
  return {
    [Symbol.dispose]() {
      for (const name of Object.keys(variables)) Deno.env.delete(name);
    },
  };
}

/** Every way to hand over a secret: a variable, a file, a systemd credential, the text itself. */
function config(webhookUrl: string): string {
  return `${ONE_LISTENER}
users:
  - {name: ann, password: !credential ann}
  - {name: bob, password: "${hashOf(RIGHT)}"}
authentication:
  jwt: {key: !env TEST_JWT_KEY}
  http: {url: "${webhookUrl}", authorization: !file header.txt}
roles:
  - {name: all, allow: ["readwrite open/#"]}
`;
}

async function everyLogin(site: Site): Promise<void> {
  const key = new TextEncoder().encode(JWT_KEY);
  const tokens = [
    await sign({ sub: "tom" }, "HS256", {}, key),
    await sign({ sub: "tom", exp: 1 }, "HS256", {}, key),
    await sign({ sub: "tom" }, "HS256"),
  ];
  const logins = [
    ["ann", RIGHT],
    ["bob", RIGHT],
    ["ann", WRONG],
    ["nobody", WRONG],
    ["hooked", RIGHT],
    ["error", RIGHT],
    ["odd", RIGHT],
    ...tokens.map((token) => ["tom", token]),
  ];
  const answers = await Promise.all(
    logins.map(([username, password]) => site.refusal(username, { password: `${password}` })),
  );
  assert.deepEqual(answers, [0, 0, 0x86, 0x86, 0, 0x89, 0x89, 0, 0x86, 0x86]);
  assertNone(site.process.lines, tokens.flatMap((token) => [token, token.slice(-43)]));
}

/** Messages that are delivered, refused and retained, with everything that can be in them. */
async function everyMessage(site: Site): Promise<void> {
  const will = {
    topic: "open/will",
    payload: Buffer.from(WILL),
    qos: 1,
    properties: { correlationData: Buffer.from(CORRELATION) },
  } as const;
  await using ann = await site.connect("ann", { password: RIGHT, will, clientId: "ann-1" });
  await using bob = await site.connect("bob", { password: RIGHT });
  const properties = {
    correlationData: Buffer.from(CORRELATION),
    userProperties: { name: USER_PROPERTY },
  };
  await subscribe(bob, "#");
  for (const topic of ["open/a", "forbidden/a"]) {
    await publish(ann, topic, PAYLOAD, { retain: true, properties });
  }
  await ann.cut();
  assert.deepEqual((await bob.nextMessages(2)).map(({ payload }) => payload), [PAYLOAD, WILL]);
  await malformed(site);
}

/** A CONNECT that says it has a longer password than there are bytes. */
async function malformed(site: Site): Promise<void> {
  const { hostname, port } = new URL((await site.url()).replace("mqtt:", "http:"));
  const text = [...new TextEncoder().encode(RIGHT)];
  const body = [0, 4, 77, 81, 84, 84, 5, 0xc2, 0, 0, 0, 0, 1, 97, 0, 1, 98, 0, 200, ...text];
  using connection = await Deno.connect({ hostname, port: Number(port) });
  await connection.write(Uint8Array.from([0x10, body.length, ...body]));
  const buffer = new Uint8Array(1024);
  while (await connection.read(buffer) !== null) { /* Until it is closed. */ }
}

Deno.test("with --verbose every packet is in the log, and no password, token or payload", async () => {
  await using hook = new WebhookServer(({ body }) => {
    const { username } = JSON.parse(body) as { username?: string };
    // Answers that give everything back: nothing of them is for the log.
    if (username === "error") return new Response(body, { status: 500 });
    if (username === "hooked") {
      return Response.json({ result: "allow", reason: body, groups: [] });
    }
    return new Response(username === "odd" ? body : `{"result": "deny", "reason": ${body}}`);
  });
  using _environment = environment({ TEST_JWT_KEY: JWT_KEY });
  using credentials = temporaryFolder();
  await Deno.writeTextFile(`${credentials.path}/ann`, hashOf(RIGHT), { mode: 0o600 });
  using _directory = environment({ CREDENTIALS_DIRECTORY: credentials.path });
  const url = `${hook.url}/${URL_PART}?key=${URL_PART}`;
  await using site = await Site.start(config(url), {
    files: { "header.txt": `${HEADER}\n` },
    args: ["--verbose"],
  });
  await everyLogin(site);
  await everyMessage(site);
  assert.ok(hook.asked.every(({ headers }) => headers.get("authorization") === HEADER));
  const checked = await runBroker(["check", "--config", site.configFile]);
  assert.equal(checked.code, 0, checked.stderr);
  const explained = await runBroker(
    ["explain", "--config", site.configFile, "--client", "c", "--user", "ann", "publish", "open/a"],
  );
  assert.equal(explained.code, 0, explained.stderr);
  const reloaded = canReload ? await site.reload(changed(url)) : [];
  // The log is whole when the process has ended.
  site.process.signal(canReload ? "SIGTERM" : "SIGKILL");
  await site.process.exitCode();
  await site.process.kill();
  assert.ok(site.process.lines.some((line) => line.includes("Received from 'ann-1': PUBLISH")));
  const outputs = [checked, explained].flatMap(({ stdout, stderr }) => [stdout, stderr]);
  assertNone([...site.process.lines, ...outputs, ...reloaded], [
    ...[JWT_KEY, RIGHT, WRONG, HEADER, HEADER.slice(7), hashOf(RIGHT)],
    ...[PAYLOAD, WILL, CORRELATION, USER_PROPERTY],
  ]);
  // What the webhook's URL has behind its "?" is for the webhook alone.
  assertNone(site.process.lines, [`key=${URL_PART}`]);
});

/** Every secret is another one. */
function changed(webhookUrl: string): string {
  return config(webhookUrl).replace("!env TEST_JWT_KEY", `"${JWT_KEY}-2"`)
    .replace("!file header.txt", `"${HEADER}-2"`)
    .replace(hashOf(RIGHT), hashOf(WRONG));
}

/** Each line has a secret where it cannot be used, and what the report must say instead. */
const WRONG_PLACES: readonly [line: string, report: RegExp][] = [
  [`users: [{name: ann, password: ${RIGHT}}]`, /users\[0\]\.password/],
  [`users: [{name: ann, passwrd: ${RIGHT}}]`, /passwrd.*password/s],
  [`users: [{name: ann, scram: ${RIGHT}}]`, /users\[0\]\.scram/],
  [`users: [{name: ann, password: "${RIGHT}]`, /broker\.yaml:\d+:\d+/],
  ["users: [{name: ann, password: !env TEST_SECRET}]", /users\[0\]\.password/],
  ["users: [{name: !env TEST_SECRET}, {name: !env TEST_SECRET}]", /users\[1\]\.name/],
  ["limits: {max_connections: !env TEST_SECRET}", /limits\.max_connections/],
  ["limits: {max_packet_size: !file secret.txt}", /limits\.max_packet_size/],
  ["features: {max_qos: !credential secret}", /features\.max_qos/],
  ["acl_files: [!env TEST_SECRET]", /acl_files\[0\]/],
  [`authentication: {http: {authorization: "${RIGHT}"}}`, /authentication\.http/],
  ["authentication: {jwt: {key: !env TEST_SECRET, key_file: a}}", /authentication\.jwt/],
  ["roles: [{name: r, allow: [!env TEST_SECRET]}]", /roles\[0\]\.allow\[0\]/],
];

Deno.test("no report of a wrong configuration shows a secret", async () => {
  using folder = temporaryFolder();
  using _environment = environment({ TEST_SECRET: RIGHT, CREDENTIALS_DIRECTORY: folder.path });
  await Deno.writeTextFile(`${folder.path}/secret`, RIGHT, { mode: 0o600 });
  await Deno.writeTextFile(`${folder.path}/secret.txt`, RIGHT, { mode: 0o600 });
  await Promise.all(WRONG_PLACES.map(async ([line, report], number) => {
    const path = `${folder.path}/${number}`;
    await Deno.mkdir(path);
    await Deno.copyFile(`${folder.path}/secret.txt`, `${path}/secret.txt`);
    await Deno.writeTextFile(`${path}/broker.yaml`, `${line}\n`);
    const { check } = await import("../../src/cli/check.ts");
    const printed: string[] = [];
    const note = (text: string) => void printed.push(text);
    assert.equal(await check(`${path}/broker.yaml`, { out: note, err: note }), 2, line);
    assert.match(printed.join(""), report);
    assertNone(printed, [RIGHT]);
  }));
});

Deno.test("lines of password files that make no user are named by their number", async () => {
  const config = `${ONE_LISTENER}authentication: {password_files: [users]}\n`;
  const users = `ann:${hashOf(RIGHT)}\nbob:${RIGHT}\n:${RIGHT}\n`;
  await using site = await Site.start(config, { files: { users }, args: ["--verbose"] });
  await site.process.waitForLine(/users:2: /);
  await site.process.waitForLine(/users:3: /);
  await using _ann: MqttJsClient = await site.connect("ann", { password: RIGHT });
  const checked = await runBroker(["check", "--config", site.configFile]);
  assertNone([...site.process.lines, checked.stdout, checked.stderr], [RIGHT]);
});
